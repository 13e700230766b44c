package io.github.psft4j.bench;

import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.settings.Training;
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
     * @param batch sequences per step
     * @param length tokens per sequence
     * @param precision of the linear layers
     * @param recompute whether blocks compute their activations again
     * @param steps counted steps
     * @param parts whether to say where the time of a step goes
     */
    public record Job(
            Path model,
            int rank,
            int batch,
            int length,
            Precision precision,
            boolean recompute,
            int steps,
            boolean parts) {

        /** @throws IllegalArgumentException for a number out of its range */
        public Job {
            if (rank < 0 || batch < 1 || length < 1 || steps < 1) {
                throw new IllegalArgumentException("--rank must be 0 or more, --batch, --length and --steps 1 or more");
            }
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
        WarmStopWatch watch = new WarmStopWatch(1, LONGEST_WARM_UP, job.steps, timed);
        PsftTrainer trainer = PsftTrainer.builder(model)
                .objective(new SftObjective())
                .macroBatch(job.batch)
                .miniBatch(job.batch)
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
                .listener(watch)
                .build();
        watch.stopAtEnd(trainer);
        trainer.fit(TrainBench.random(job.batch, job.length + 1, model.config().vocabSize()));
        double[] times = watch.counted();
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", job.model.getFileName().toString());
        settings.put("rank", job.rank);
        settings.put("tokens", job.batch + " x " + job.length);
        settings.put("precision", job.precision.name().toLowerCase(Locale.ROOT));
        settings.put("recompute", job.recompute);
        settings.put("trained", model.trainedParameters());
        return new BenchResult(
                "lora",
                settings,
                times,
                BenchResult.median(times),
                (long) job.batch * job.length,
                job.parts
                        ? timed.perStep(
                                job.steps, Arrays.stream(times).average().orElseThrow())
                        : Map.of(),
                ProcessMemory.peakMegabytes(),
                DecoderGraph.ops(model.graph()).name());
    }
}
