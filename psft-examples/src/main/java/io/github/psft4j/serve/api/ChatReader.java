package io.github.psft4j.serve.api;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.hf.text.ChatTemplateException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.serve.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Requests of {@code /v1/chat/completions}. */
final class ChatReader {

    private static final int MOST_LIKELY = 20;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ChatReader() {}

    /** @param choices most choices of a request */
    static Call read(RequestBody body, ServedModel model, int choices) {
        SamplingFields sampling = new SamplingFields(body, model);
        sampling.checkCommon();
        refuseFeatures(body);
        boolean logProbs = body.flag("logprobs", false);
        Integer likely = body.integer("top_logprobs", 0, MOST_LIKELY);
        if (likely != null && !logProbs) {
            throw ApiException.badField("top_logprobs", "top_logprobs needs logprobs: true");
        }
        Integer tokens = body.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
        Integer older = body.integer("max_tokens", 1, Integer.MAX_VALUE);
        int most = tokens != null ? tokens : older != null ? older : Integer.MAX_VALUE;
        int[] prompt = prompt(body, model);
        Call.Output output = new Call.Output(
                logProbs ? (likely == null ? 0 : likely) : null, false, sampling.stream(), sampling.usage());
        Call call = new Call(
                List.of(new Call.Prompt(prompt, "")),
                true,
                sampling.settings(most),
                sampling.seeds(1, choices),
                output);
        body.refuseOthers();
        return call;
    }

    private static void refuseFeatures(RequestBody body) {
        String tools = "no tool is called; describe it in a message, and parse the answer";
        body.refuse("tools", tools, NODES.arrayNode());
        body.refuse("tool_choice", tools, TextNode.valueOf("none"), TextNode.valueOf("auto"));
        body.refuse("parallel_tool_calls", tools, BooleanNode.TRUE, BooleanNode.FALSE);
        body.refuse("functions", tools, NODES.arrayNode());
        body.refuse("function_call", tools, TextNode.valueOf("none"), TextNode.valueOf("auto"));
        body.refuse("response_format", "answers are text", NODES.objectNode().put("type", "text"));
        body.refuse("modalities", "answers are text", NODES.arrayNode().add("text"));
        body.refuse("audio", "answers are text");
        body.refuse("store", "nothing is stored", BooleanNode.FALSE);
        body.ignore("metadata", "safety_identifier", "prompt_cache_key");
    }

    private static int[] prompt(RequestBody body, ServedModel model) {
        List<Map<String, Object>> messages = messages(body.get("messages"));
        Map<String, Object> variables = variables(body.get("chat_template_kwargs"));
        if (model.template() == null) {
            throw ApiException.badBody("the model has no chat template; use /v1/completions");
        }
        String text;
        try {
            text = model.template().render(messages, variables, true).text();
        } catch (ChatTemplateException e) {
            throw ApiException.badField(
                    "messages", "the model's chat template refuses the messages: " + e.getMessage());
        }
        int[] ids = model.tokenizer().encode(text, false); // the template writes the special tokens itself
        PromptTokens.check(ids, "messages", model, model.generator().longest() - 1);
        return ids;
    }

    private static Map<String, Object> variables(JsonNode value) {
        if (value == null) {
            return Map.of();
        }
        RequestBody.require(value.isObject(), "chat_template_kwargs", "an object", value);
        return JSON.convertValue(value, new TypeReference<Map<String, Object>>() {});
    }

    private static List<Map<String, Object>> messages(JsonNode value) {
        String rule = "a list of at least one object with role and content";
        if (value == null) {
            throw ApiException.badField("messages", "messages is missing; it is " + rule);
        }
        RequestBody.require(value.isArray() && value.size() > 0, "messages", rule, value);
        List<Map<String, Object>> messages = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            String name = "messages[" + i + "]";
            JsonNode message = value.get(i);
            RequestBody.require(message.isObject(), name, "an object with role and content", message);
            RequestBody.require(message.path("role").isTextual(), name + ".role", "a string", message.path("role"));
            Map<String, Object> fields = JSON.convertValue(message, new TypeReference<Map<String, Object>>() {});
            fields.put("content", content(message.path("content"), name + ".content"));
            messages.add(fields);
        }
        return messages;
    }

    /** A string, or parts of type text, one a line; null where an assistant said nothing. */
    private static String content(JsonNode value, String name) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        RequestBody.require(value.isTextual() || value.isArray(), name, "a string, or a list of text parts", value);
        if (value.isTextual()) {
            return value.textValue();
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            JsonNode part = value.get(i);
            if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
                throw ApiException.badField(
                        name,
                        name + "[" + i + "] must be {\"type\": \"text\", \"text\": ...}; other parts, such as"
                                + " images, are not supported: was " + Shown.brief(part.toString()));
            }
            texts.add(part.path("text").textValue());
        }
        return String.join("\n", texts);
    }
}
