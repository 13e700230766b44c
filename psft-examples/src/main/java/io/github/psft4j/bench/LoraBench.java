package io.github.psft4j.bench;

import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.transformer.DecoderGraph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/** SFT steps on a model of a directory with random tokens: a fresh adapter on all linear modules, or all weights. */
public final class LoraBench {

    /** At most this many steps are left out at the beginning. */
    private static final int LONGEST_WARM_UP = 40;

    private LoraBench() {}

    /**
     * What is run.
     *
     * @param model directory of the model
     * @param rank of the adapter, alpha is twice as much; 0 trains all weights
     * @param cut the tokens of a step
     * @param precision of the linear layers
     * @param recompute whether blocks compute their activations again
     * @param steps counted steps
     * @param parts whether to say where the time of a step goes in this process
     * @param workers that compute the slices, null for this process; what they say of a step becomes its parts
     */
    public record Job(
            Path model,
            int rank,
            Cut cut,
            Precision precision,
            boolean recompute,
            int steps,
            boolean parts,
            SliceWorkers workers) {

        /** @throws IllegalArgumentException for a number out of its range, or for parts of a step on a cluster */
        public Job {
            if (rank < 0 || steps < 1) {
                throw new IllegalArgumentException("--rank must be 0 or more, --steps 1 or more");
            }
            if (parts && workers != null) {
                throw new IllegalArgumentException(
                        "--parts times the kernels of this process; with --cluster the parts are always said");
            }
        }
    }

    /**
     * The tokens of a step.
     *
     * @param batch sequences
     * @param micro sequences of a slice, 0 for all
     * @param length tokens per sequence
     */
    public record Cut(int batch, int micro, int length) {

        /** @throws IllegalArgumentException for a number out of its range */
        public Cut {
            if (batch < 1 || length < 1 || micro < 0 || micro > batch) {
                throw new IllegalArgumentException(
                        "--batch and --length must be 1 or more, --micro from 0 to --batch, which is " + batch);
            }
        }

        int slices() {
            return micro == 0 ? 1 : (batch + micro - 1) / micro;
        }
    }

    /** Median of the steps. */
    public static BenchResult run(Job job) {
        CausalLm model = job.rank == 0
                ? CausalLm.load(job.model)
                : LoraModels.fresh(job.model, LoraConfig.of(job.rank, 2.0 * job.rank), DataType.FLOAT, 1);
        TimedOps timed = new TimedOps();
        if (job.parts) {
            model.setPrecision(job.precision);
            DecoderGraph.use(model.graph(), timed.around(DecoderGraph.ops(model.graph())));
        }
        Cut cut = job.cut;
        StepCosts costs = new StepCosts();
        WarmStopWatch watch = new WarmStopWatch(1, LONGEST_WARM_UP, job.steps, timed);
        PsftTrainer trainer = PsftTrainer.builder(model)
                .objective(new SftObjective())
                .macroBatch(cut.batch)
                .miniBatch(cut.batch)
                .microBatch(cut.micro)
                .learningRate(1e-4)
                .precision(job.precision)
                .warmupSteps(0)
                .shuffle(false)
                .settings(new Training(
                        1,
                        LONGEST_WARM_UP + 1 + job.steps,
                        5,
                        0,
                        job.recompute ? Training.Recompute.BLOCKS : Training.Recompute.NONE))
                .workers(job.workers)
                .listener(watch)
                .listener(costs)
                .build();
        watch.stopAtEnd(trainer);
        trainer.fit(TrainBench.random(cut.batch, cut.length + 1, model.config().vocabSize()));
        double[] times = watch.counted();
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", job.model.getFileName().toString());
        settings.put("rank", job.rank);
        settings.put("tokens", cut.batch + " x " + cut.length);
        settings.put("slices", cut.slices());
        settings.put("cluster", job.workers != null);
        settings.put("precision", job.precision.name().toLowerCase(Locale.ROOT));
        settings.put("recompute", job.recompute);
        settings.put("trained", model.trainedParameters());
        return new BenchResult(
                "lora",
                settings,
                times,
                BenchResult.median(times),
                (long) cut.batch * cut.length,
                job.parts
                        ? timed.perStep(
                                job.steps, Arrays.stream(times).average().orElseThrow(), TimedOps.TRAINING_REST)
                        : costs.medians(times.length),
                Map.of(),
                ProcessMemory.peakMegabytes(),
                DecoderGraph.ops(model.graph()).name());
    }
}
