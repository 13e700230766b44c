package io.github.psft4j.data.options;

/** Which tokens of a row are trained. */
public enum LossOn {
    /**
     * {@link #ASSISTANT} for {@link Layout#MESSAGES}, {@link #ALL} for {@link Layout#TEXT}, the row's own mask for
     * {@link Layout#TOKENS}, {@link #COMPLETION} for the others.
     */
    AUTO,
    /** The text after the prompt; of a conversation, its last message. */
    COMPLETION,
    /** Everything the assistant says in a conversation: the generation spans of the chat template. */
    ASSISTANT,
    /** All tokens but the first. */
    ALL
}
