package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.kernel.Activation;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.DecoderSnapshot;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.DecoderConfigBuilder;
import io.github.psft4j.transformer.config.NormKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The gradient of a mini-batch does not depend on how it is cut into micro-batches and laid out in rows. */
class GradientPassTest {

    @ParameterizedTest
    @EnumSource(Aggregation.class)
    void gradientOfEightTimesOneEqualsOneTimesEightPackedOrNot(Aggregation aggregation) {
        CausalLm model = TinyRuns.model();
        List<Demonstration> data = TinyRuns.demonstrations(8);
        int[] all = IntStream.range(0, 8).toArray();
        float[] whole = null;
        LossReport report = null;
        for (int[] layout : new int[][] {{8, 0}, {1, 0}, {3, 0}, {8, 13}, {3, 30}}) {
            int micro = layout[0];
            TrainerSettings settings = PsftTrainer.builder(model)
                    .aggregation(aggregation)
                    .microBatch(micro)
                    .packing(layout[1])
                    .lengthGrouping(micro == 3)
                    .build()
                    .settings();
            MicroBatches micros = TrainingPlan.microBatches(settings, false);
            MiniBatch mini = new MiniBatch(1, 1, all, data);
            MacroBatch macro = new MacroBatch(List.of(mini));
            new DecoderSnapshot(micros).freeze(model, all, data, macro.column(Column.OLD_LOG_PROB));
            model.graph().params().addi(0.01); // ratios other than 1
            GradientPass pass = new GradientPass(model, settings, micros, null, List.of(), 1, null);
            LossReport r = pass.of(mini, macro, settings.goal().objective(), 1);
            float[] gradient = pass.gradient().dup().data().asFloat();
            model.graph().params().subi(0.01);
            if (whole == null) {
                whole = gradient;
                report = r;
                continue;
            }
            float max = 0;
            for (float g : whole) {
                max = Math.max(max, Math.abs(g));
            }
            assertArrayEquals(whole, gradient, 1e-5f * max, "micro-batches of " + micro + ", rows of " + layout[1]);
            assertEquals(report.value(), r.value(), 1e-5 * Math.abs(report.value()));
            assertEquals(report.nll(), r.nll(), 1e-5 * report.nll());
            assertEquals(report.clipFraction(), r.clipFraction(), 1e-12);
            assertEquals(report.tokens(), r.tokens());
        }
    }

    /**
     * Samples of a prompt share its rows. Their common beginning may be longer than the prompt's part that is not
     * trained, samples may be of one token, and a prompt may have one sample.
     */
    @ParameterizedTest
    @CsvSource({"llama, 8", "llama, 5", "llama, 3", "qwen2, 8", "gpt2, 8"})
    void samplesThatShareTheRowsOfTheirPromptHaveTheSameGradient(String family, int micro) {
        CausalLm model = CausalLm.create(config(family), null, 3);
        List<Demonstration> data = new ArrayList<>();
        int[] lengths = {4, 1, 7, 4, 3, 9, 2, 2};
        int[] prompts = {13, 13, 13, 13, 13, 9, 9, 11};
        Random random = new Random(5);
        for (int i = 0; i < lengths.length; i++) {
            int[] prompt = new Random(prompts[i]).ints(prompts[i], 0, 11).toArray();
            int[] completion = random.ints(lengths[i], 0, 11).toArray();
            completion[0] = 4; // one token more in common, which is trained
            data.add(Demonstration.of(prompt, completion));
        }
        int[] all = IntStream.range(0, data.size()).toArray();
        TrainerSettings settings =
                PsftTrainer.builder(model).microBatch(micro).build().settings();
        float[][] gradients = new float[2][];
        LossReport[] reports = new LossReport[2];
        for (int sharing = 0; sharing < 2; sharing++) {
            MicroBatches micros = TrainingPlan.microBatches(settings, sharing == 1);
            assertEquals(sharing == 1, micros.cut(all, data).get(0).layout().shares());
            MiniBatch mini = new MiniBatch(1, 1, all, data);
            MacroBatch macro = new MacroBatch(List.of(mini));
            new DecoderSnapshot(micros).freeze(model, all, data, macro.column(Column.OLD_LOG_PROB));
            model.graph().params().addi(0.01); // ratios other than 1
            GradientPass pass = new GradientPass(model, settings, micros, null, List.of(), 1, null);
            reports[sharing] = pass.of(mini, macro, settings.goal().objective(), 1);
            gradients[sharing] = pass.gradient().dup().data().asFloat();
            model.graph().params().subi(0.01);
        }
        float max = 0;
        for (float g : gradients[0]) {
            max = Math.max(max, Math.abs(g));
        }
        assertArrayEquals(gradients[0], gradients[1], 1e-5f * max);
        assertEquals(reports[0].value(), reports[1].value(), 1e-5 * Math.abs(reports[0].value()));
        assertEquals(reports[0].nll(), reports[1].nll(), 1e-5 * reports[0].nll());
        assertEquals(reports[0].tokens(), reports[1].tokens());
    }

    private static DecoderConfig config(String family) {
        DecoderConfigBuilder config = DecoderConfig.builder()
                .vocabSize(19)
                .hiddenSize(16)
                .intermediateSize(family.equals("gpt2") ? 64 : 20)
                .layers(2)
                .heads(4)
                .maxPositions(40)
                .initializerRange(0.2);
        switch (family) {
            case "gpt2" ->
                config.norm(NormKind.LAYER)
                        .learnedPositions(true)
                        .activation(Activation.GELU)
                        .gatedMlp(false)
                        .qkvBias(true)
                        .attentionOutBias(true)
                        .mlpBias(true)
                        .scaledResidualInit(true);
            case "qwen2" -> config.kvHeads(2).windows(List.of(0, 3)).qkvBias(true);
            default -> config.kvHeads(2);
        }
        return config.build();
    }
}
