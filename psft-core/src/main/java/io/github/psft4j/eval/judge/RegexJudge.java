package io.github.psft4j.eval.judge;

import io.github.psft4j.eval.maths.Verdict;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;

/** The first group of the last match, or the whole match, equals the gold answer. */
record RegexJudge(RegexSearch search, ExactJudge equal) implements Judge {

    private static final Duration LIMIT = Duration.ofSeconds(2);

    RegexJudge(String pattern, boolean ignoreCase) {
        this(
                new RegexSearch(Pattern.compile(pattern, ignoreCase ? Pattern.CASE_INSENSITIVE : 0), false, LIMIT),
                new ExactJudge(ignoreCase));
    }

    @Override
    public Mark judge(String gold, String completion) {
        try {
            String found = search.last(completion);
            return found == null
                    ? new Mark(Verdict.NO_ANSWER, "")
                    : new Mark(equal.same(gold, found) ? Verdict.EQUAL : Verdict.DIFFERENT, found.strip());
        } catch (CancellationException | StackOverflowError e) {
            return new Mark(Verdict.TIMEOUT, "");
        }
    }

    @Override
    public boolean same(String first, String second) {
        return equal.same(first, second);
    }

    @Override
    public String version() {
        return "regex";
    }
}
