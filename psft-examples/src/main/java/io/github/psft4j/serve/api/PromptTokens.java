package io.github.psft4j.serve.api;

import io.github.psft4j.serve.ServedModel;

/** Checks of prompts. */
final class PromptTokens {

    private PromptTokens() {}

    /** @param most tokens of a prompt */
    static void check(int[] ids, String param, ServedModel model, int most) {
        if (ids.length == 0) {
            throw ApiException.badField(param, param + " has no token, and the model has none that begins a text");
        }
        if (ids.length > most) {
            throw ApiException.tooLong(
                    param,
                    param + " has " + ids.length + " tokens; with the answer the context holds "
                            + model.generator().longest() + ": shorten it, or raise psft serve --context");
        }
    }
}
