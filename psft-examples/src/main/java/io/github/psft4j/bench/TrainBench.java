package io.github.psft4j.bench;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.transformer.DecoderGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Training steps on random tokens, weight decay and clipping on. PSFT runs with K = 8; its snapshot pass falls on the
 * first step of a macro-batch. The cost of a step is therefore the mean, over the K places in a macro-batch, of the
 * median step at that place. With SFT all places are alike, so it is the median step.
 */
public final class TrainBench {

    private static final int K = 8;

    /** At most this many steps are left out at the beginning. */
    private static final int LONGEST_WARM_UP = 240;

    private static final int MOST_STEPS = 1_000_000;

    private TrainBench() {}

    /**
     * @param shape see {@link TrainShape}
     * @param objective sft, psft, or dpo: on pairs whose prompts are half of the tokens, with the reference's log-probs
     *     taken before the first step
     * @param precision of the linear layers
     * @param steps counted steps; a multiple of 8 for PSFT
     * @param parts whether to say where the time of a step goes
     */
    public static BenchResult run(String shape, String objective, Precision precision, int steps, boolean parts) {
        boolean psft = objective.equals("psft");
        if (steps < 1 || steps > MOST_STEPS || (psft && steps % K != 0)) {
            throw new IllegalArgumentException("steps must be positive, at most " + MOST_STEPS + ", and a multiple of "
                    + K + " for psft, was " + steps);
        }
        TrainShape s = TrainShape.parse(shape);
        CausalLm model = CausalLm.create(s.config(), null, 1);
        TimedOps timed = new TimedOps();
        if (parts) {
            model.setPrecision(precision);
            DecoderGraph.use(model.graph(), timed.around(DecoderGraph.ops(model.graph())));
        }
        WarmStopWatch watch = new WarmStopWatch(psft ? K : 1, LONGEST_WARM_UP, steps, timed);
        PsftTrainer trainer = PsftTrainer.builder(model)
                .objective(ObjectiveRegistry.create(objective, Map.of()))
                .macroBatch(s.batch() * K)
                .miniBatch(s.batch())
                .learningRate(1e-4)
                .precision(precision)
                .warmupSteps(0)
                .maxSteps(LONGEST_WARM_UP + K + steps)
                .shuffle(false)
                .listener(watch)
                .build();
        watch.stopAtEnd(trainer);
        boolean pairs = objective.equals("dpo");
        int vocabulary = s.config().vocabSize();
        trainer.fit(
                pairs
                        ? pairs(s.batch() * K, s.time() + 1, vocabulary)
                        : random(s.batch() * K, s.time() + 1, vocabulary));
        double[] times = watch.counted();
        double cost = meanOverPlaces(times, psft ? K : 1);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("shape", shape);
        settings.put("objective", objective);
        settings.put("precision", precision.name().toLowerCase(Locale.ROOT));
        settings.put("parameters", s.config().parameters());
        return new BenchResult(
                "train",
                settings,
                times,
                cost,
                (long) s.batch() * s.time(),
                parts
                        ? timed.perStep(steps, Arrays.stream(times).average().orElseThrow(), TimedOps.TRAINING_REST)
                        : Map.of(),
                Map.of(),
                ProcessMemory.peakMegabytes(),
                DecoderGraph.ops(model.graph()).name());
    }

    /** Mean over the places in a macro-batch of k steps of the median step there. */
    private static double meanOverPlaces(double[] steps, int k) {
        return IntStream.range(0, k)
                .mapToDouble(place -> BenchResult.median(IntStream.range(0, steps.length / k)
                        .mapToDouble(macro -> steps[macro * k + place])
                        .toArray()))
                .average()
                .orElseThrow();
    }

    /** Demonstrations of random tokens, all trained but the first. */
    static List<Demonstration> random(int n, int length, int vocabulary) {
        Random random = new Random(1);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(Demonstration.ofText(random.ints(length, 0, vocabulary).toArray()));
        }
        return out;
    }

    /** Pairs of random tokens: the first half is a prompt that both have, the rest is trained. */
    private static List<Demonstration> pairs(int n, int length, int vocabulary) {
        Random random = new Random(1);
        int[] prompt = {};
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            prompt = i % 2 == 0 ? random.ints(length / 2, 0, vocabulary).toArray() : prompt;
            out.add(Demonstration.of(
                    prompt, random.ints(length - prompt.length, 0, vocabulary).toArray()));
        }
        return out;
    }
}
