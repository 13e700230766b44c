package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.Judgement.Source;
import io.github.psft4j.eval.maths.formula.Budget;
import io.github.psft4j.eval.maths.formula.Unreadable;
import java.time.Duration;
import java.util.List;

/**
 * Judges whether a text gives the gold answer to a mathematical question.
 *
 * <p>It finds the answer (the last {@code \boxed{}}, else {@code ####}, else "the answer is", else the last number),
 * reads it, and compares exact values: fractions of whole numbers where both are rational, else fifty digits.
 * {@code docs/verifier.md} states every convention. Thread-safe; bounded in time and memory.
 */
public final class MathVerifier {

    /** Of the conventions: a figure belongs to the version that judged it. */
    public static final String VERSION = "1";

    /** Default time of one judgement. Ordinary ones take microseconds. */
    public static final Duration LIMIT = Duration.ofSeconds(2);

    private static final long STEPS = 3_000_000;
    private static final int MAX_CANDIDATE = 20_000;

    private final long nanos;

    /** With the default limit of two seconds for each judgement. */
    public MathVerifier() {
        this(LIMIT);
    }

    /**
     * @param limit longest time of one judgement, positive; behind it the verdict is {@link Verdict#TIMEOUT}
     * @throws IllegalArgumentException if the limit is not positive
     */
    public MathVerifier(Duration limit) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("the limit must be positive, was " + limit);
        }
        this.nanos = limit.toNanos();
    }

    /**
     * Judges a text.
     *
     * @param gold the right answer; a solution that ends in {@code \boxed{}} or {@code ####} will do
     * @param text what the model wrote
     */
    public Judgement judge(String gold, String text) {
        Budget budget = new Budget(nanos, STEPS);
        String right = gold(gold);
        if (right.isBlank()) {
            return new Judgement(Verdict.GOLD_UNREADABLE, "", null);
        }
        String letter = Choices.gold(right);
        Extraction.Found found;
        try {
            found = new Extraction(letter != null).find(text);
        } catch (StackOverflowError e) {
            return new Judgement(Verdict.TIMEOUT, "", null);
        }
        if (found.candidates().isEmpty()) {
            return new Judgement(Verdict.NO_ANSWER, "", null);
        }
        String first = found.candidates().get(0);
        if (found.cut()) {
            return new Judgement(Verdict.DIFFERENT, first, found.source());
        }
        try {
            return letter != null ? choice(letter, found, budget) : compare(right, found, budget);
        } catch (Budget.Exceeded | StackOverflowError e) {
            return new Judgement(Verdict.TIMEOUT, first, found.source());
        }
    }

    /** Whether two answers, without text around them, are the same. */
    public Verdict compare(String gold, String answer) {
        if (gold.isBlank()) {
            return Verdict.GOLD_UNREADABLE;
        }
        if (answer.isBlank()) {
            return Verdict.NO_ANSWER;
        }
        String letter = Choices.gold(gold);
        Extraction.Found found = new Extraction.Found(List.of(answer), Source.WHOLE, false);
        Budget budget = new Budget(nanos, STEPS);
        try {
            return (letter != null ? choice(letter, found, budget) : compare(gold, found, budget)).verdict();
        } catch (Budget.Exceeded | StackOverflowError e) {
            return Verdict.TIMEOUT;
        }
    }

    /** The answer of a gold text, which is often the whole solution. */
    private static String gold(String gold) {
        List<Boxes.Box> boxes = Boxes.in(gold);
        if (!boxes.isEmpty()) {
            List<Boxes.Box> last = Boxes.last(gold, boxes);
            return String.join(" , ", last.stream().map(Boxes.Box::content).toList());
        }
        int hashes = gold.lastIndexOf("####");
        return (hashes < 0 ? gold : gold.substring(hashes + 4)).strip();
    }

    private static Judgement choice(String letter, Extraction.Found found, Budget budget) {
        for (String candidate : found.candidates()) {
            String named = Choices.of(candidate);
            if (named != null) {
                Verdict verdict = letter.equalsIgnoreCase(named) ? Verdict.EQUAL : Verdict.DIFFERENT;
                return new Judgement(verdict, candidate, found.source());
            }
            budget.spend(10);
        }
        return new Judgement(Verdict.DIFFERENT, found.candidates().get(0), found.source());
    }

    private static Judgement compare(String gold, Extraction.Found found, Budget budget) {
        String goldText = TextForm.of(gold);
        boolean onlyWords = true;
        boolean words = new AnswerReader(budget).read(gold, false) instanceof Answer.Text;
        for (String candidate : found.candidates()) {
            if (candidate.length() > MAX_CANDIDATE) {
                continue;
            }
            if (identical(gold, candidate)) {
                return new Judgement(Verdict.EQUAL, candidate, found.source());
            }
            Answer read = new AnswerReader(budget).read(candidate, false);
            onlyWords &= read instanceof Answer.Text;
            if (words) {
                if (read instanceof Answer.Text t && begins(t.words(), goldText, found.source())
                        || TextForm.of(candidate).equals(goldText) && !goldText.isEmpty()) {
                    return new Judgement(Verdict.EQUAL, candidate, found.source());
                }
                continue;
            }
            if (read instanceof Answer.Text
                    && found.candidates().size() > 1
                    && !candidate.equals(
                            found.candidates().get(found.candidates().size() - 1))) {
                continue; // no formula: a shorter candidate may be one
            }
            if (onlyWords && found.source() == Source.WHOLE) {
                return new Judgement(Verdict.NO_ANSWER, "", null);
            }
            boolean same = same(gold, candidate, budget);
            return new Judgement(same ? Verdict.EQUAL : Verdict.DIFFERENT, candidate, found.source());
        }
        return new Judgement(Verdict.DIFFERENT, found.candidates().get(0), found.source());
    }

    private static boolean identical(String gold, String answer) {
        return gold.strip().equals(AnswerReader.trim(answer)) || gold.strip().equals(answer.strip());
    }

    /** Behind words such as "the answer is", a name may be followed by the rest of the sentence. */
    private static boolean begins(String words, String gold, Source source) {
        return words.equals(gold)
                || !gold.isEmpty()
                        && (source == Source.MARKER || source == Source.WHOLE)
                        && words.startsWith(gold + " ");
    }

    /** With commas in brackets as separators first, then as marks of thousands. */
    private static boolean same(String gold, String answer, Budget budget) {
        AnswerReader reader = new AnswerReader(budget);
        Comparison comparison = new Comparison(budget);
        for (boolean thousands : new boolean[] {false, true}) {
            Answer g = reader.read(gold, thousands);
            Answer a = reader.read(answer, thousands);
            try {
                if (comparison.same(g, a)) {
                    return true;
                }
            } catch (Unreadable | ArithmeticException e) {
                budget.spend(100); // not comparable in this reading
            }
        }
        return false;
    }
}
