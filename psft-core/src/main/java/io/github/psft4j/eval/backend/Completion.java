package io.github.psft4j.eval.backend;

/**
 * What a model wrote.
 *
 * @param text without the token that ended it; null if it failed
 * @param finish {@code stop}, {@code length} for one that was cut off at the limit of tokens, or what an endpoint says
 * @param tokens of the answer, the end of sequence included; -1 where nobody says
 * @param error what went wrong; null if nothing did
 */
public record Completion(String text, String finish, int tokens, String error) {

    /** Cut off at the limit of tokens. */
    public static final String LENGTH = "length";

    /** Ended by the model or by a stop text. */
    public static final String STOP = "stop";

    static Completion failed(String error) {
        return new Completion(null, null, -1, error);
    }
}
