package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.serve.ServedModel;
import java.util.ArrayList;
import java.util.List;

/** Requests of {@code /v1/completions}. */
final class CompletionReader {

    private static final int DEFAULT_TOKENS = 16;
    private static final int MOST_LIKELY = 20;

    private CompletionReader() {}

    /** @param choices most choices of a request */
    static Call read(RequestBody body, ServedModel model, int choices) {
        SamplingFields sampling = new SamplingFields(body, model);
        sampling.checkCommon();
        body.refuse("suffix", "the model continues prompts only", TextNode.valueOf(""));
        body.refuse("best_of", "ask for n and choose", IntNode.valueOf(1));
        boolean echo = body.flag("echo", false);
        Integer likely = body.integer("logprobs", 0, MOST_LIKELY);
        Integer tokens = body.integer("max_tokens", echo ? 0 : 1, Integer.MAX_VALUE);
        int most = tokens == null ? DEFAULT_TOKENS : tokens;
        List<Call.Prompt> prompts = prompts(body.get("prompt"), model, choices, echo);
        int room = model.generator().longest() - (most == 0 ? 0 : 1);
        for (Call.Prompt prompt : prompts) {
            PromptTokens.check(prompt.ids(), "prompt", model, room);
        }
        Call.Output output = new Call.Output(likely, echo, sampling.stream(), sampling.usage());
        Call call = new Call(
                prompts,
                most > 0,
                sampling.settings(Math.max(1, most)),
                sampling.seeds(prompts.size(), choices),
                output);
        body.refuseOthers();
        return call;
    }

    /** A string, a list of strings, a list of ids, or a list of lists of ids. */
    private static List<Call.Prompt> prompts(JsonNode value, ServedModel model, int most, boolean echo) {
        String rule = "a string, token ids, or a list of up to " + most + " of either";
        if (value == null) {
            throw ApiException.badField("prompt", "prompt is missing; it is " + rule);
        }
        List<JsonNode> each = new ArrayList<>();
        if (value.isArray() && value.size() > 0 && !value.get(0).isNumber()) {
            RequestBody.require(value.size() <= most, "prompt", rule, value);
            value.forEach(each::add);
        } else {
            each.add(value);
        }
        List<Call.Prompt> prompts = new ArrayList<>();
        for (JsonNode one : each) {
            RequestBody.require(one.isTextual() || one.isArray(), "prompt", rule, one);
            prompts.add(one.isTextual() ? text(one.textValue(), model) : ids(one, model, echo));
        }
        return prompts;
    }

    private static Call.Prompt text(String text, ServedModel model) {
        int[] ids = model.tokenizer().encode(text);
        if (ids.length == 0 && model.beginning() >= 0) {
            ids = new int[] {model.beginning()};
        }
        return new Call.Prompt(ids, text);
    }

    private static Call.Prompt ids(JsonNode value, ServedModel model, boolean echo) {
        int[] ids = new int[value.size()];
        for (int t = 0; t < ids.length; t++) {
            RequestBody.require(
                    value.get(t).isInt() && value.get(t).intValue() >= 0,
                    "prompt[" + t + "]",
                    "a token id",
                    value.get(t));
            ids[t] = value.get(t).intValue();
        }
        return new Call.Prompt(ids, echo ? model.tokenizer().decode(ids, true) : "");
    }
}
