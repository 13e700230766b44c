package io.github.psft4j.examples.skills;

import java.util.Optional;

/**
 * One verifiable problem.
 *
 * @param skill the skill that it asks for
 * @param prompt the question, ending in {@code '='}
 * @param work the intermediate result that the worked styles write before the answer
 * @param answer the only right answer
 */
public record Problem(Skill skill, String prompt, String work, String answer) {

    /** Ends every answer; the end-of-sequence token of the base model. */
    public static final char END_OF_ANSWER = ';';

    /** One prompt in this many is kept out of every training corpus. */
    static final int HELD_OUT_SHARE = 8;

    /** The completion in {@code style}, including {@link #END_OF_ANSWER}. */
    public String completion(AnswerStyle style) {
        return style.format(work, answer);
    }

    /**
     * Whether this prompt belongs to the evaluation problems. The split is a hash of the prompt, so pretraining,
     * fine-tuning and evaluation agree on it without sharing a list.
     */
    public boolean isHeldOut() {
        // String.hashCode is fixed by the language specification; the finalizer of MurmurHash3 spreads it, because its
        // lowest bits follow the last digit of the prompt.
        int hash = prompt.hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        hash ^= hash >>> 16;
        return Integer.remainderUnsigned(hash, HELD_OUT_SHARE) == 0;
    }

    /** Whether {@code completion}, as generated after the prompt, gives the right answer in any style. */
    public boolean isSolvedBy(String completion) {
        return answerIn(completion).map(answer::equals).orElse(false);
    }

    /**
     * The answer inside a generated completion: the text after the last {@code ':'} before the first
     * {@link #END_OF_ANSWER}, without square brackets at either end. A bracket without its partner is removed as well.
     * After fine-tuning, answers of skills that were not trained are often half in the new format. The answer is
     * measured, not the format.
     *
     * @return empty when the completion never ends its answer
     */
    public static Optional<String> answerIn(String completion) {
        int end = completion.indexOf(END_OF_ANSWER);
        if (end < 0) {
            return Optional.empty();
        }
        int start = completion.lastIndexOf(':', end) + 1;
        while (start < end && isBracket(completion.charAt(start))) {
            start++;
        }
        while (end > start && isBracket(completion.charAt(end - 1))) {
            end--;
        }
        return Optional.of(completion.substring(start, end));
    }

    private static boolean isBracket(char c) {
        return c == '[' || c == ']';
    }
}
