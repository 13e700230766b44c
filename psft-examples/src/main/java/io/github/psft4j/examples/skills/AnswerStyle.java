package io.github.psft4j.examples.skills;

/**
 * How an answer is written after the prompt. The base model knows the first two; {@link #BRACKETED} is what fine-tuning
 * teaches.
 */
public enum AnswerStyle {
    /** {@code 42;} */
    DIRECT,
    /** {@code 2,1:42;} */
    WORKED,
    /** {@code 2,1:[42];} */
    BRACKETED;

    /** The completion that answers with {@code answer}, showing {@code work} where the style shows work. */
    String format(String work, String answer) {
        return switch (this) {
            case DIRECT -> answer + Problem.END_OF_ANSWER;
            case WORKED -> work + ":" + answer + Problem.END_OF_ANSWER;
            case BRACKETED -> work + ":[" + answer + "]" + Problem.END_OF_ANSWER;
        };
    }
}
