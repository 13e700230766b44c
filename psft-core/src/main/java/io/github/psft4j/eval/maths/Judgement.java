package io.github.psft4j.eval.maths;

/**
 * A verdict and what it rests on.
 *
 * @param verdict the verdict
 * @param answer the answer as it stands in the text; empty if there is none
 * @param source where it was found; null if there is none
 */
public record Judgement(Verdict verdict, String answer, Source source) {

    /** Where an answer stands in a text. */
    public enum Source {
        /** In the last {@code \boxed{}}. */
        BOX,
        /** Behind {@code ####}. */
        HASHES,
        /** Behind words such as "the answer is". */
        MARKER,
        /** The whole text is the answer. */
        WHOLE,
        /** The last formula or number of the text. */
        LAST
    }

    /** Whether the answer is right. */
    public boolean isEqual() {
        return verdict == Verdict.EQUAL;
    }
}
