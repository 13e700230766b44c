package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.MicroBatches;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.DecoderSnapshot;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
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
            MicroBatches micros = TrainingLoop.microBatches(settings);
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
}
