package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.io.Shown;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a message says about its own training, in the spellings of the tools that write such files: 1 and true, 0 and
 * false.
 */
final class TrainedFlag {

    /**
     * OpenAI, Together, Fireworks, mistral-finetune: weight. LLaMA-Factory: loss_weight. ms-swift: loss, loss_scale.
     * XTuner: loss. Axolotl: train, training. Tinker: trainable. Logs of agents: loss_mask.
     */
    private static final List<String> SPELLINGS =
            List.of("weight", "loss_weight", "loss_scale", "loss", "train", "training", "trainable", "loss_mask");

    /** Factors of a loss, which mean nothing where no loss is taken. */
    private static final List<String> FACTORS = List.of("weight", "loss_weight", "loss_scale");

    /** Torchtune's, which says the opposite. */
    private static final String MASKED = "masked";

    /** Axolotl's lists of characters that are trained. */
    private static final List<String> DETAILS = List.of("train_detail", "training_detail");

    private TrainedFlag() {}

    /**
     * Takes the flag out of a message, so that the chat template does not see it.
     *
     * @param parts flags of the parts of its content
     * @return null if the message says nothing
     */
    static Boolean take(Fields fields, String field, String at, Map<String, Object> message, List<Boolean> parts) {
        for (String detail : DETAILS) {
            if (message.remove(detail) instanceof JsonNode list && !list.isEmpty()) {
                throw fields.fault(
                        field,
                        at + "has '" + detail + "', which trains some characters of it; only whole messages can be");
            }
        }
        Boolean trained = read(fields, field, at, message);
        if (parts.stream().anyMatch(Objects::nonNull)) {
            if (parts.stream().distinct().count() > 1 || trained != null && !parts.contains(trained)) {
                throw fields.fault(field, at + "trains some parts of its content; only whole messages can be");
            }
            trained = parts.get(0);
        }
        return trained;
    }

    /** The flag of a part of a content, null if it says nothing. */
    static Boolean of(Fields fields, String field, String at, JsonNode part) {
        Map<String, Object> values = new LinkedHashMap<>();
        part.fields().forEachRemaining(entry -> {
            if (!entry.getValue().isNull()) {
                values.put(entry.getKey(), entry.getValue());
            }
        });
        values.put("role", Roles.ASSISTANT);
        return read(fields, field, at, values);
    }

    private static Boolean read(Fields fields, String field, String at, Map<String, Object> message) {
        Boolean trained = null;
        String spelling = null;
        for (String name : SPELLINGS) {
            if (message.containsKey(name)) {
                boolean value = value(fields, field, at, name, message.remove(name));
                boolean inert = FACTORS.contains(name) && value && !isAssistant(message);
                if (trained != null && trained != value) {
                    throw fields.fault(field, at + "says both '" + spelling + "' and '" + name + "', which disagree");
                }
                trained = inert ? null : Boolean.valueOf(value);
                spelling = name;
            }
        }
        if (message.remove(MASKED) instanceof JsonNode masked && masked.asBoolean()) {
            trained = false;
        }
        if (Boolean.TRUE.equals(trained) && !isAssistant(message)) {
            throw fields.fault(
                    field,
                    at + "of the role '" + message.get("role") + "' asks to be trained ('" + spelling
                            + "'); only the assistant's messages can be, or all tokens (data.loss_on: all)");
        }
        return trained;
    }

    private static boolean isAssistant(Map<String, Object> message) {
        return Roles.ASSISTANT.equals(message.get("role"));
    }

    private static boolean value(Fields fields, String field, String at, String name, Object value) {
        if (value instanceof JsonNode node) {
            if (node.isBoolean()) {
                return node.booleanValue();
            }
            if (node.isNumber() && (node.doubleValue() == 0 || node.doubleValue() == 1)) {
                return node.doubleValue() == 1;
            }
        }
        throw fields.fault(
                field,
                at + "has the " + name + " " + Shown.brief(value)
                        + "; a message is trained (1, true) or not (0, false)");
    }
}
