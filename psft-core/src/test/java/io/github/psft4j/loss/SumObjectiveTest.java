package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** Sums of objectives and weighted objectives ask for what their terms ask for and compute what they compute. */
class SumObjectiveTest {

    /** Asks for things and sets a ratio of its own. */
    private record Asking(Set<Column> columns, RowNeeds needs, Scope scope, Aggregation aggregation)
            implements TokenObjective {
        @Override
        public String name() {
            return "asking";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                out.set(t, 100, 10);
                out.setRatio(t, 7, true);
            }
        }
    }

    private static final Asking ASKING =
            new Asking(EnumSet.of(Column.ADVANTAGE), RowNeeds.topK(4), Scope.PAIR, Aggregation.PAIR_MEAN);

    @Test
    void termsAddUpByWeightAndTheFirstOneGivesTheRatio() {
        TokenRows rows = TokenRows.random(5, 12, 9);
        TokenLoss psft = new PsftLoss();
        double alone = rows.score(psft, DataType.DOUBLE);
        LossReport report = psft.report();
        Asking constant = new Asking(Set.of(), RowNeeds.NONE, Scope.TOKEN, Aggregation.TOKEN_MEAN);
        TokenLoss sum = new TokenLoss(new PsftObjective().plus(0.5, constant));
        assertEquals(alone + 50, rows.score(sum, DataType.DOUBLE), 1e-9);
        assertEquals(report.meanCoefficient() + 5, sum.report().meanCoefficient(), 1e-12);
        assertEquals(report.meanRatio(), sum.report().meanRatio());
        assertEquals(report.clipFraction(), sum.report().clipFraction());

        TokenLoss other = new TokenLoss(constant.plus(2, new PsftObjective()));
        assertEquals(100 + 2 * alone, rows.score(other, DataType.DOUBLE), 1e-9);
        assertEquals(7, other.report().meanRatio(), 1e-12);
        assertEquals(1, other.report().clipFraction());
    }

    /** Also where the second term hides a sum, whose own first term would set ratios. */
    @Test
    void onlyTheFirstTermOfTheOutermostSumGivesRatios() {
        Asking constant = new Asking(Set.of(), RowNeeds.NONE, Scope.TOKEN, Aggregation.TOKEN_MEAN);
        TokenObjective hidden = new WeightedObjective(constant.plus(1, constant));
        TokenTerms terms = new TokenTerms(1);
        TokenBatch token = new TokenBatch(new int[1], new int[1], 1, new int[1], 1, Map.of());
        new SftObjective().plus(1, hidden).evaluate(token, terms, 0, 1);
        assertEquals(1, terms.ratio(0));
        hidden.evaluate(token, terms, 0, 1);
        assertEquals(7, terms.ratio(0));
    }

    @Test
    void aSumInsideASumIsMultipliedOut() {
        TokenObjective inner = new SftObjective().plus(0.25, new PsftObjective());
        SumObjective sum = new SumObjective(List.of(new SumObjective.Term(4, inner), new SumObjective.Term(1, ASKING)));
        assertEquals(
                List.of(
                        new SumObjective.Term(4, new SftObjective()),
                        new SumObjective.Term(1, new PsftObjective()),
                        new SumObjective.Term(1, ASKING)),
                sum.terms());
        assertEquals("4.0*sft+psft+asking", sum.name());
    }

    /** A sum that another objective evaluates leaves gain and ratios as it found them. */
    @Test
    void aSumRestoresTheFactorOfWhoeverEvaluatesIt() {
        TokenObjective hidden = new WeightedObjective(new SftObjective().plus(3, new SftObjective()));
        TokenObjective outer = new SumObjective(List.of(
                new SumObjective.Term(0.5, hidden), new SumObjective.Term(2, new SftObjective()))); // 0.5 * (1 + 3) + 2
        TokenTerms terms = new TokenTerms(1);
        TokenBatch token = new TokenBatch(new int[1], new int[1], 1, new int[1], 1, Map.of());
        token.statistics().logProb()[0] = -1;
        outer.evaluate(token, terms, 0, 1);
        assertEquals(4, terms.loss(0));
        assertEquals(4, terms.coefficient(0));
        assertEquals(1, terms.gain());
        assertEquals(0, terms.term());
    }

    @Test
    void needsColumnsAndScopesAreThoseOfAllTerms() {
        for (TokenObjective sum : List.of(
                new PsftObjective().plus(1, ASKING), new WeightedObjective(ASKING).plus(1, new PsftObjective()))) {
            assertTrue(sum.columns().containsAll(Set.of(Column.OLD_LOG_PROB, Column.ADVANTAGE)), sum.name());
            assertEquals(RowNeeds.topK(4), sum.needs());
            assertEquals(Scope.PAIR, sum.scope());
        }
        assertEquals(Aggregation.TOKEN_MEAN, new PsftObjective().plus(1, ASKING).aggregation());
        WeightedObjective weighted = new WeightedObjective(ASKING);
        assertEquals(EnumSet.of(Column.ADVANTAGE, Column.WEIGHT), weighted.columns());
        assertEquals(Aggregation.PAIR_MEAN, weighted.aggregation());
        assertEquals("asking", weighted.name());
        RowNeeds both = RowNeeds.topK(2).plus(RowNeeds.referenceTopK(3)).plus(RowNeeds.topK(1));
        assertEquals(new RowNeeds(true, true, 2, 3), both);
    }

    @Test
    void badTermsAndNeedsAreRefused() {
        assertRefused(() -> new SumObjective.Term(Double.NaN, ASKING));
        assertRefused(() -> new SumObjective.Term(1, null));
        assertRefused(() -> new SumObjective(null));
        assertRefused(() -> new SumObjective(List.of()));
        assertRefused(() -> new WeightedObjective(null));
        assertRefused(() -> RowNeeds.topK(-1));
        assertRefused(() -> RowNeeds.referenceTopK(-1));
        assertRefused(() -> new RowNeeds(false, true, 0, 0));
        assertRefused(() -> new RowNeeds(true, false, 0, 1));
        assertEquals(0, RowNeeds.topK(0).topK());
        assertEquals(0, RowNeeds.referenceTopK(0).referenceTopK());
    }

    private static void assertRefused(Runnable bad) {
        assertThrows(IllegalArgumentException.class, bad::run);
    }
}
