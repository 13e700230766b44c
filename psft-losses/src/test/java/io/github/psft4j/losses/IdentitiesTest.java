package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import io.github.psft4j.losses.preference.DpoObjective;
import io.github.psft4j.losses.regularizer.ForwardKl;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.losses.regularizer.LabelSmoothing;
import io.github.psft4j.losses.regularizer.ReverseKl;
import io.github.psft4j.losses.rl.PpoClipObjective;
import io.github.psft4j.losses.rl.ReinforceObjective;
import io.github.psft4j.losses.sft.AsftObjective;
import io.github.psft4j.losses.sft.DftObjective;
import io.github.psft4j.losses.sft.EaftObjective;
import io.github.psft4j.losses.sft.FocalObjective;
import io.github.psft4j.losses.sft.GiftObjective;
import io.github.psft4j.losses.sft.IwSftSequenceObjective;
import io.github.psft4j.losses.sft.IwSftStepObjective;
import io.github.psft4j.losses.sft.SedSftObjective;
import io.github.psft4j.losses.sft.SftKlObjective;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** Where one objective of the family is another one. */
class IdentitiesTest {

    private static final TokenObjective SFT = new SftObjective();
    private static final int VOCABULARY = 7;

    private final Sweeps batch = batch();

    private static Sweeps batch() {
        Random random = new Random(21);
        Sweeps s = new Sweeps(4, 3, VOCABULARY);
        for (Column c : Column.values()) {
            s.columns.put(c, random.doubles(12, -2, 0).toArray());
        }
        Arrays.setAll(s.logits, i -> random.nextGaussian());
        Arrays.setAll(s.reference, i -> random.nextGaussian());
        Arrays.setAll(s.ids, i -> random.nextInt(VOCABULARY));
        Arrays.setAll(s.mask, i -> i % 5 == 1 ? 0 : 1);
        return s;
    }

    private Sweeps.Result run(TokenObjective objective) {
        return batch.run(objective, DataType.DOUBLE);
    }

    private void assertSame(TokenObjective a, TokenObjective b) {
        assertArrayEquals(run(a).gradient(), run(b).gradient(), 1e-12, a + " and " + b);
    }

    private static double[] times(double factor, double[] values) {
        return Arrays.stream(values).map(x -> factor * x).toArray();
    }

    private void setReferenceLogProbsToThePolicys() {
        double[] losses = run(SFT).losses();
        batch.columns.put(Column.REF_LOG_PROB, times(-1, losses));
    }

    @Test
    void psftWithoutMovementIsSftToTheLastBit() {
        Arrays.fill(batch.columns.get(Column.OLD_LOG_PROB), Column.CURRENT);
        assertArrayEquals(run(SFT).gradient(), run(new PsftObjective()).gradient());
    }

    @Test
    void ppoAndReinforceWithAdvantageOneArePsftAndSft() {
        Arrays.fill(batch.columns.get(Column.ADVANTAGE), 1);
        Sweeps.Result ppo = run(new PpoClipObjective(0.2, 0.28, 3, 20));
        assertArrayEquals(run(new PsftObjective()).gradient(), ppo.gradient());
        assertArrayEquals(run(new PsftObjective()).losses(), ppo.losses());
        assertArrayEquals(run(SFT).gradient(), run(new ReinforceObjective()).gradient());
    }

    @Test
    void asftWithoutAnchorIsDftAndGiftWithoutTemperatureIsSft() {
        assertSame(new AsftObjective(0), new DftObjective());
        assertSame(new GiftObjective(100), SFT);
        assertSame(new AsftObjective(0.05), new DftObjective().plus(0.05, new ForwardKl()));
    }

    @Test
    void divergencesVanishAtTheReference() {
        System.arraycopy(batch.logits, 0, batch.reference, 0, batch.logits.length);
        double[] zeros = new double[batch.logits.length];
        for (TokenObjective kl :
                new TokenObjective[] {new ForwardKl(), new ReverseKl(), new ForwardKl(3), new ReverseKl(3)}) {
            assertArrayEquals(zeros, run(kl).gradient(), 1e-12, kl.toString());
            assertEquals(0, run(kl).value(), 1e-12, kl.toString());
        }
        assertSame(new AsftObjective(), new DftObjective());
    }

    @Test
    void allTokensToldApartAreTheWholeVocabulary() {
        assertArrayEquals(
                run(new ForwardKl()).losses(),
                run(new ForwardKl(VOCABULARY - 1)).losses(),
                1e-10);
        assertSame(new ForwardKl(), new ForwardKl(VOCABULARY - 1));
        assertSame(new ReverseKl(), new ReverseKl(VOCABULARY - 1));
    }

    @Test
    void importanceWeightsAreOneAtTheReference() {
        setReferenceLogProbsToThePolicys();
        assertSame(new IwSftSequenceObjective(), SFT);
        assertSame(new IwSftStepObjective(), SFT);
    }

    @Test
    void k1OnDemonstrationsOnlyRescalesTheLearningRate() {
        double[] expected = times(0.7, run(SFT).gradient());
        assertArrayEquals(
                expected,
                run(SFT.plus(0.3, new KlEstimator(KlEstimator.Kind.K1))).gradient(),
                1e-12);
        assertSame(
                new SftKlObjective(SftKlObjective.Divergence.K3, 0.3),
                SFT.plus(0.3, new KlEstimator(KlEstimator.Kind.K3)));
    }

    @Test
    void withoutTheirParameterObjectivesAreSft() {
        assertSame(new LabelSmoothing(0), SFT);
        assertSame(new FocalObjective(0), SFT);
        assertSame(new SedSftObjective(0, 2, 0.9), SFT);
        assertSame(new EaftObjective(0, 20, 0), SFT);
        assertSame(new SftKlObjective(SftKlObjective.Divergence.FORWARD, 0), SFT);
    }

    /** Factor of the gradient at given probabilities of the token: 9/8 at 1/4, 1 at 1/2, 0 at 1. */
    @Test
    void sedFactorIsOneAtOneHalfAndZeroAtOne() {
        for (double[] pair : new double[][] {{0.25, 1.125}, {0.5, 1}, {1 - 1e-9, 0}}) {
            Sweeps one = new Sweeps(1, 1, 3);
            one.mask[0] = 1;
            double rest = (1 - pair[0]) / 2;
            one.logits[0] = Math.log(pair[0]);
            one.logits[1] = Math.log(rest);
            one.logits[2] = Math.log(rest);
            double tau = 1; // a mass of the likeliest token is always below it, but for rounding
            double[] sft = one.run(SFT, DataType.DOUBLE).gradient();
            double[] sed =
                    one.run(new SedSftObjective(1, 1, tau), DataType.DOUBLE).gradient();
            boolean explores = Math.max(pair[0], rest) < tau - 1e-5;
            assertEquals(explores ? pair[1] * sft[0] : sft[0], sed[0], 1e-9, "p = " + pair[0]);
        }
        TokenBatch none =
                new TokenBatch(new int[1], new int[1], 1, new int[1], 1, java.util.Map.of(), RowNeeds.topK(1), 2);
        TokenTerms terms = new TokenTerms(1);
        none.statistics().max()[0] = 1; // log-prob 0, and a mass of exp(0 - 1) / 1 below tau: the factor at p = 1
        none.statistics().expSum()[0] = 1;
        new SedSftObjective(1, 1, 0.9).evaluate(none, terms, 0, 1);
        assertEquals(0, terms.coefficient(0), 1e-12);
    }

    @Test
    void calibrationPutsTheGivenShareBelowTau() {
        double[] masses = {0.9, 0.1, 0.5, 0.3, 0.7};
        assertEquals(0.3, new SedSftObjective().calibrated(masses, 0.25).tau(), 1e-12);
        assertEquals(0.34, new SedSftObjective().calibrated(masses, 0.3).tau(), 1e-12);
        assertEquals(0.9, new SedSftObjective().calibrated(masses, 1).tau(), 1e-12);
    }

    @Test
    void eaftOfAUniformTopTwentyIsOneAndThreePointZeroIsTheReferencesDivisor() {
        Sweeps uniform = new Sweeps(1, 1, 30);
        uniform.mask[0] = 1;
        Arrays.fill(uniform.logits, 20, 30, -30);
        double nll = uniform.run(SFT, DataType.DOUBLE).value();
        assertEquals(nll, uniform.run(new EaftObjective(), DataType.DOUBLE).value(), 1e-12);
        double byThree =
                uniform.run(new EaftObjective(1, 20, 3), DataType.DOUBLE).value();
        assertEquals(Math.log(20) / 3 * nll, byThree, 1e-12);
    }

    @Test
    void dpoGradientIsAWeightedSftGradientOfOppositeSigns() {
        DpoObjective dpo = new DpoObjective();
        double[] sft = run(SFT).gradient();
        double[] gradient = run(dpo).gradient();
        double[] nll = run(SFT).losses();
        for (int pair = 0; pair < 2; pair++) {
            double difference = 0;
            for (int t = 6 * pair; t < 6 * pair + 6; t++) {
                double ratio = batch.mask[t] * (-nll[t] - batch.columns.get(Column.REF_LOG_PROB)[t]);
                difference += t < 6 * pair + 3 ? ratio : -ratio;
            }
            double weight = dpo.beta() / (1 + Math.exp(dpo.beta() * difference));
            for (int k = 6 * pair * VOCABULARY; k < (6 * pair + 6) * VOCABULARY; k++) {
                double sign = k < (6 * pair + 3) * VOCABULARY ? 1 : -1;
                assertEquals(sign * weight * sft[k], gradient[k], 1e-12);
            }
        }
    }
}
