package io.github.psft4j.eval.judge;

import io.github.psft4j.eval.maths.Judgement;
import io.github.psft4j.eval.maths.MathVerifier;
import io.github.psft4j.eval.maths.Verdict;

/** The verifier of mathematical answers, which also knows the letters of choices. */
record MathsJudge(String name, MathVerifier verifier) implements Judge {

    MathsJudge(String name) {
        this(name, new MathVerifier());
    }

    @Override
    public Mark judge(String gold, String completion) {
        Judgement judgement = verifier.judge(gold, completion);
        return new Mark(judgement.verdict(), judgement.answer());
    }

    @Override
    public boolean same(String first, String second) {
        return first.equals(second) || verifier.compare(first, second) == Verdict.EQUAL;
    }

    @Override
    public String version() {
        return name + " (verifier " + MathVerifier.VERSION + ")";
    }
}
