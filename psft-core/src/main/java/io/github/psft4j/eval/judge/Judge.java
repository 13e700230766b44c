package io.github.psft4j.eval.judge;

import io.github.psft4j.eval.task.JudgeSettings;

/** Calls completions right or wrong. Thread-safe and bounded in time. */
public interface Judge {

    /**
     * Judges a completion.
     *
     * @param gold the right answer
     * @param completion what the model wrote
     */
    Mark judge(String gold, String completion);

    /** Whether two answers are one, for a vote. */
    boolean same(String first, String second);

    /** Name and version, as it is told with a figure. */
    String version();

    /** The judge of these settings. */
    static Judge of(JudgeSettings settings) {
        return switch (settings.by()) {
            case MATHS -> new MathsJudge("maths");
            case LETTER -> new MathsJudge("letter");
            case EXACT -> new ExactJudge(settings.ignoreCase());
            case REGEX -> new RegexJudge(settings.pattern(), settings.ignoreCase());
            case IFEVAL -> throw new IllegalArgumentException("ifeval has no gold answer; it is no judge of answers");
        };
    }
}
