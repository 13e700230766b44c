package io.github.psft4j.hf.text;

import io.github.psft4j.io.RefusedException;

/**
 * A chat template that breaks its grammar, fails, uses too much or refuses the conversation. In the last case the
 * message is the template's own, word for word. Otherwise it is Python's message with the line of the template.
 */
public final class ChatTemplateException extends RefusedException {
    private static final long serialVersionUID = 1L;

    private final boolean refusal;

    ChatTemplateException(String message, boolean refusal, Throwable cause) {
        super(message, cause);
        this.refusal = refusal;
    }

    /** @return whether the template itself refused the conversation, by {@code raise_exception} */
    public boolean isRefusal() {
        return refusal;
    }
}
