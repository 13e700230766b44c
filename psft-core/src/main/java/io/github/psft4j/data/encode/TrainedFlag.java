package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.io.Shown;
import java.util.List;
import java.util.Map;

/**
 * What a message says about its own training, in the spellings of the tools that write such files.
 *
 * <p>{@code weight} is that of OpenAI, Together, Fireworks and mistral-finetune. {@code train} and {@code training} are
 * those of axolotl, {@code loss} that of ms-swift and XTuner, {@code loss_mask} and {@code trainable} those of
 * multi-turn logs. Values are 0, 1, true and false.
 */
final class TrainedFlag {
    private static final List<String> SPELLINGS =
            List.of("weight", "train", "training", "trainable", "loss", "loss_mask");

    private TrainedFlag() {}

    /**
     * Takes the flag out of a message, so that the chat template does not see it.
     *
     * @return null if the message says nothing
     */
    static Boolean take(Fields fields, String field, String at, Map<String, Object> message) {
        Boolean trained = null;
        String spelling = null;
        for (String name : SPELLINGS) {
            if (message.containsKey(name)) {
                boolean value = read(fields, field, at, name, message.remove(name));
                if (trained != null && trained != value) {
                    throw fields.fault(field, at + "says both '" + spelling + "' and '" + name + "', which disagree");
                }
                trained = value;
                spelling = name;
            }
        }
        if (Boolean.TRUE.equals(trained)
                && !spelling.equals("weight")
                && !"assistant".equals(message.get("role"))) {
            throw fields.fault(
                    field,
                    at + "of the role '" + message.get("role") + "' asks to be trained ('" + spelling
                            + "'); only the assistant's messages can be, or all tokens (data.loss_on: all)");
        }
        return trained;
    }

    private static boolean read(Fields fields, String field, String at, String name, Object value) {
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
