package io.github.psft4j.eval.task;

import java.util.List;
import java.util.Map;

/**
 * What a model reads: messages for its chat template, or a text to continue.
 *
 * @param messages maps with {@code role} and {@code content}; null for a text
 * @param text null for messages
 */
public record EvalPrompt(List<Map<String, String>> messages, String text) {

    /** @throws IllegalArgumentException unless exactly one of the two is there */
    public EvalPrompt {
        if ((messages == null) == (text == null)) {
            throw new IllegalArgumentException("a prompt is messages or a text, one of the two");
        }
        messages = messages == null ? null : List.copyOf(messages);
    }

    static EvalPrompt of(String text) {
        return new EvalPrompt(null, text);
    }

    static EvalPrompt of(List<Map<String, String>> messages) {
        return new EvalPrompt(messages, null);
    }

    /** Whether it goes through the chat template. */
    public boolean isChat() {
        return messages != null;
    }

    /** Messages, or the text, for files. */
    public Object value() {
        return isChat() ? messages : text;
    }
}
