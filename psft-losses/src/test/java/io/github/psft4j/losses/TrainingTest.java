package io.github.psft4j.losses;

import static io.github.psft4j.losses.TinyRuns.demonstrations;
import static io.github.psft4j.losses.TinyRuns.model;
import static io.github.psft4j.losses.TinyRuns.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.preference.DpoObjective;
import io.github.psft4j.losses.regularizer.EntropyBonus;
import io.github.psft4j.losses.regularizer.ForwardKl;
import io.github.psft4j.losses.sft.AsftObjective;
import io.github.psft4j.losses.sft.CadftObjective;
import io.github.psft4j.losses.sft.DftObjective;
import io.github.psft4j.losses.sft.IwSftStepObjective;
import io.github.psft4j.losses.sft.SftKlObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.VoidRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The family in the trainer: references, micro-batches, weights and embedding noise. */
class TrainingTest {

    /** The state of a short run: metrics of its steps and the final weights. */
    private record Run(List<StepMetrics> steps, float[] weights) {}

    private static Run run(TokenObjective objective, List<Demonstration> data, UnaryOperator<TrainerBuilder> settings) {
        CausalLm model = model(1);
        List<StepMetrics> steps = new ArrayList<>();
        TrainerBuilder builder = PsftTrainer.builder(model)
                .objective(objective)
                .macroBatch(16)
                .miniBatch(8)
                .learningRate(5e-3)
                .warmupSteps(0)
                .maxSteps(4)
                .reference(model(2))
                .listener(into(steps));
        settings.apply(builder).build().fit(data);
        return new Run(steps, weights(model));
    }

    private static TrainerListener into(List<StepMetrics> steps) {
        return new TrainerListener() {
            @Override
            public void onStep(StepMetrics metrics) {
                steps.add(metrics);
            }
        };
    }

    /** The steps of a run that trains nothing, which the trainer refuses at its end. */
    private static List<StepMetrics> voidRun(
            TokenObjective objective, List<Demonstration> data, UnaryOperator<TrainerBuilder> settings) {
        List<StepMetrics> steps = new ArrayList<>();
        assertThrows(
                VoidRunException.class,
                () -> run(objective, data, b -> settings.apply(b).listener(into(steps))));
        return steps;
    }

    private static Run run(TokenObjective objective) {
        return run(objective, demonstrations(16), UnaryOperator.identity());
    }

    @ParameterizedTest
    @ValueSource(strings = {"asft", "gift", "sft-kl", "iw-sft-sequence", "eaft", "sed-sft", "dpo", "simpo", "orpo"})
    void cuttingIntoMicroBatchesChangesNothing(String name) {
        TokenObjective objective = ObjectiveRegistry.create(name, Map.of());
        Run whole = run(objective);
        Run cut = run(objective, demonstrations(16), b -> b.microBatch(2));
        assertArrayEquals(whole.weights, cut.weights, 2e-5f);
        assertEquals(whole.steps.get(3).loss(), cut.steps.get(3).loss(), 1e-5);
    }

    @Test
    void aDenseTermMovesTheModelAndVanishesAtTheReference() {
        TokenObjective kl = new ForwardKl();
        List<StepMetrics> atReference =
                voidRun(kl, demonstrations(16), b -> b.reference(model(1)).weightDecay(0));
        assertEquals(0, atReference.get(0).gradNorm(), 1e-6, "policy and reference are the same");
        Run apart = run(kl);
        assertTrue(apart.steps.get(0).gradNorm() > 1e-2, "apart " + apart.steps.get(0));
        assertTrue(apart.steps.get(3).loss() < apart.steps.get(0).loss(), "the divergence falls");
        float[] dft = run(new DftObjective()).weights;
        assertArrayEquals(dft, run(new AsftObjective(0)).weights, 1e-6f, "ASFT(0) = DFT");
    }

    @Test
    void clippingAndDenseTermsComposeInTheTrainer() {
        TokenObjective psft = new PsftObjective();
        Run plain = run(psft);
        Run none = run(psft.plus(0, new EntropyBonus()));
        assertArrayEquals(plain.weights, none.weights, 1e-6f, "weight 0");
        assertEquals(plain.steps.get(1).meanRatio(), none.steps.get(1).meanRatio(), 1e-6);
        Run bonus = run(psft.plus(1, new EntropyBonus()));
        assertTrue(bonus.steps.get(3).entropy() > plain.steps.get(3).entropy(), "the bonus raises the entropy");
    }

    @Test
    void referenceLogProbsAreReadFromTheCacheOfTheSameModelAndData(@TempDir Path dir) throws IOException {
        TokenObjective objective = new IwSftStepObjective();
        List<Demonstration> data = demonstrations(16);
        float[] fresh = run(objective).weights;
        float[] written = run(objective, data, b -> b.referenceCache(dir)).weights;
        Function<Path, Long> count = d -> {
            try (Stream<Path> files = Files.list(d)) {
                return files.count();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
        assertEquals(1, count.apply(dir));
        float[] cached = run(objective, data, b -> b.referenceCache(dir)).weights;
        assertArrayEquals(fresh, written, "writing the cache changes nothing");
        assertArrayEquals(fresh, cached, "nor does reading it");
        run(objective, data, b -> b.referenceCache(dir).reference(model(7)));
        run(objective, demonstrations(15), b -> b.referenceCache(dir));
        assertEquals(3, count.apply(dir), "another model and other data have files of their own");
    }

    @Test
    void whatAnObjectiveNeedsIsRefusedWithTheWayOut() {
        UnaryOperator<TrainerBuilder> none = b -> b.reference(null);
        assertRefused("reference(CausalLm.load(dir))", new AsftObjective(), none);
        assertRefused("reference(CausalLm.load(dir))", new IwSftStepObjective(), none);
        assertRefused("microBatch must be miniBatch (8), was 4", new CadftObjective(), b -> b.microBatch(4));
        assertRefused("must be even", new DpoObjective(), b -> b.microBatch(1));
        assertRefused("[ADVANTAGE]", ObjectiveRegistry.create("reinforce", Map.of()), none);
        IllegalArgumentException odd = assertThrows(
                IllegalArgumentException.class,
                () -> run(new DpoObjective(), demonstrations(15), UnaryOperator.identity()));
        assertTrue(odd.getMessage().contains("15 sequences"), odd.getMessage());
    }

    private static void assertRefused(String part, TokenObjective objective, UnaryOperator<TrainerBuilder> settings) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> run(objective, demonstrations(16), settings));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void preferencesAreLearnedFromPairsThatStayTogether() {
        List<StepMetrics> steps = run(
                        new DpoObjective(),
                        demonstrations(16),
                        b -> b.reference(model(1)).maxSteps(12).seed(9))
                .steps;
        assertEquals(Math.log(2), steps.get(0).loss(), 1e-5, "no preference at the reference, whatever the lengths");
        assertTrue(steps.get(11).loss() < 0.6, "after " + steps.get(11).loss());
    }

    @Test
    void weightsScaleLossAndGradient() {
        List<Demonstration> plain = demonstrations(16);
        List<Demonstration> doubled = plain.stream().map(d -> d.withWeight(2)).toList();
        SftObjective sft = new SftObjective();
        StepMetrics one = run(sft).steps.get(0);
        StepMetrics two = run(sft, doubled, UnaryOperator.identity()).steps.get(0);
        assertEquals(2 * one.gradNorm(), two.gradNorm(), 1e-5);
        assertEquals(2 * one.loss(), two.loss(), 1e-6);
        assertEquals(one.nll(), two.nll(), 1e-7, "the NLL stays what runs are compared by");
        List<Demonstration> none = plain.stream().map(d -> d.withWeight(0)).toList();
        assertEquals(0, voidRun(sft, none, UnaryOperator.identity()).get(0).gradNorm(), "weight 0");
    }

    @Test
    void embeddingNoiseIsSeededAndIndependentOfMicroBatchesAndPadding() {
        SftObjective sft = new SftObjective();
        List<Demonstration> data = demonstrations(16);
        float[] noisy = run(sft, data, b -> b.neftune(5)).weights;
        assertArrayEquals(noisy, run(sft, data, b -> b.neftune(5)).weights, "same seed, same noise");
        assertArrayEquals(noisy, run(sft, data, b -> b.neftune(5).microBatch(1)).weights, 2e-5f);
        StepMetrics plain = run(sft).steps.get(0);
        StepMetrics first = run(sft, data, b -> b.neftune(5)).steps.get(0);
        assertTrue(Math.abs(plain.nll() - first.nll()) > 1e-3, plain.nll() + " and " + first.nll());
        StepMetrics psft =
                run(new PsftObjective(), data, b -> b.neftune(5)).steps.get(0);
        assertEquals(1, psft.meanRatio(), "the first mini-batch after a refresh");
        assertFalse(run(new SftKlObjective(), data, b -> b.neftune(5)).steps.isEmpty());
    }
}
