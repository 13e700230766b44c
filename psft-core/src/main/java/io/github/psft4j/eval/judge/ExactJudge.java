package io.github.psft4j.eval.judge;

import io.github.psft4j.eval.maths.Verdict;

/** Equality of texts; space at both ends does not count. */
public record ExactJudge(boolean ignoreCase) implements Judge {

    @Override
    public Mark judge(String gold, String completion) {
        if (completion.isBlank()) {
            return new Mark(gold.isBlank() ? Verdict.EQUAL : Verdict.NO_ANSWER, "");
        }
        return new Mark(same(gold, completion) ? Verdict.EQUAL : Verdict.DIFFERENT, completion.strip());
    }

    @Override
    public boolean same(String first, String second) {
        return ignoreCase
                ? first.strip().equalsIgnoreCase(second.strip())
                : first.strip().equals(second.strip());
    }

    @Override
    public String version() {
        return "exact";
    }
}
