package io.github.psft4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenTrace;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.monitor.HeldOutEvaluation;
import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.policy.LocalReports;
import io.github.psft4j.policy.LocalScores;
import io.github.psft4j.policy.Reporting;
import io.github.psft4j.policy.Scoring;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import io.github.psft4j.train.slice.GradientWork;
import io.github.psft4j.train.slice.SliceGradient;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where slices are computed changes no bit of a run. */
class SliceWorkersTest {

    /** Computes on another model, the last slice first, as machines elsewhere may. */
    private static final class Elsewhere implements SliceWorkers {

        private final CausalLm replica = TinyRuns.model();
        private int slices;
        private int evaluated;

        private record Part(LossReport report, TokenTrace trace, INDArray gradient) {}

        @Override
        public void gradients(CausalLm model, GradientWork work, List<MicroBatch> batches, Sink sink) {
            replica.graph().params().assign(model.graph().params());
            Part[] parts = new Part[batches.size()];
            for (int i = parts.length - 1; i >= 0; i--) {
                TokenLoss loss = work.loss().withTemperature(1); // a copy
                new SliceGradient(replica, work.neftuneAlpha(), work.seed())
                        .of(batches.get(i), work.columns(), loss, work.step());
                parts[i] = new Part(
                        loss.report(),
                        loss.trace(),
                        replica.graph().getFlattenedGradients().dup());
            }
            for (int i = 0; i < parts.length; i++) {
                sink.accept(batches.get(i), parts[i].report(), parts[i].trace(), parts[i].gradient());
            }
            slices += parts.length;
        }

        @Override
        public Map<Integer, double[]> of(CausalLm model, Scoring how, List<MicroBatch> batches) {
            replica.graph().params().assign(model.graph().params());
            return new LocalScores().of(replica, how, batches);
        }

        @Override
        public List<LossReport> reports(CausalLm model, Reporting how, List<MicroBatch> batches) {
            replica.graph().params().assign(model.graph().params());
            evaluated += batches.size();
            return new LocalReports().reports(replica, how, batches);
        }

        @Override
        public List<GenerationResult> sample(
                CausalLm model, List<int[]> prompts, List<long[]> seeds, GenerationConfig settings) {
            throw new AssertionError("demonstrations are not sampled");
        }

        @Override
        public DemonstrationSet read(
                List<String> files, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
            throw new AssertionError("the trainer is given its data");
        }

        @Override
        public DirectoryStorage directory(String uri) {
            throw new AssertionError("no checkpoint is copied");
        }

        @Override
        public Map<String, Double> measures() {
            return Map.of("slices", (double) slices);
        }

        @Override
        public void close() {}
    }

    @Test
    void weightsAndReportsDoNotDependOnWhereSlicesAreComputed() {
        CausalLm here = TinyRuns.model();
        TinyRuns.Recorder straight = new TinyRuns.Recorder();
        TinyRuns.trainer(here).neftune(5).listener(straight).build().fit(TinyRuns.demonstrations(24));

        CausalLm model = TinyRuns.model();
        TinyRuns.Recorder recorder = new TinyRuns.Recorder();
        try (Elsewhere workers = new Elsewhere()) {
            TinyRuns.trainer(model)
                    .neftune(5)
                    .workers(workers)
                    .listener(recorder)
                    .build()
                    .fit(TinyRuns.demonstrations(24));
        }

        assertArrayEquals(TinyRuns.weights(here), TinyRuns.weights(model));
        assertEquals(12, recorder.steps.size());
        for (int i = 0; i < 12; i++) {
            assertEquals(straight.steps.get(i).report(), recorder.steps.get(i).report());
        }
        assertEquals(24, recorder.steps.get(11).measure("slices"));
        assertTrue(recorder.steps.get(3).clipFraction() > 0, "pi_old has no part in this run");
    }

    @Test
    void workersEvaluateToTheFiguresOfOneProcess(@TempDir Path dir) {
        List<Evaluation> here = new ArrayList<>();
        List<Evaluation> there = new ArrayList<>();
        evaluated(null, dir.resolve("here.jsonl"), here);
        try (Elsewhere workers = new Elsewhere()) {
            evaluated(workers, dir.resolve("there.jsonl"), there);
            assertEquals(3 * there.size(), workers.evaluated, "held-out batches that workers computed");
        }
        assertEquals(4, here.size());
        for (int i = 0; i < here.size(); i++) {
            assertEquals(here.get(i).nll(), there.get(i).nll());
            assertEquals(here.get(i).entropy(), there.get(i).entropy());
        }
        assertTrue(here.get(3).nll() < here.get(0).nll(), "nothing was learnt");
    }

    private static void evaluated(SliceWorkers workers, Path file, List<Evaluation> out) {
        CausalLm model = TinyRuns.model();
        TinyRuns.trainer(model)
                .workers(workers)
                .listener(new HeldOutEvaluation(model, TinyRuns.demonstrations(6, 77), 5, file)
                        .batchSize(2)
                        .tell(out::add))
                .build()
                .fit(TinyRuns.demonstrations(24));
    }

    @Test
    void whatWorkersCannotComputeIsRefusedByName() {
        CausalLm valued = ValueHeads.shared(TinyRuns.model());
        Exception refused;
        try (Elsewhere workers = new Elsewhere()) {
            refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> PsftTrainer.builder(valued).workers(workers).build());
        }
        assertTrue(refused.getMessage().contains("critic"), refused.getMessage());
    }
}
