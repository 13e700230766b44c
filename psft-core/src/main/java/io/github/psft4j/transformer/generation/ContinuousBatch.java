package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What the thread of a {@link ContinuousGenerator} decodes: one lane, and the requests of its sequences. */
final class ContinuousBatch implements AutoCloseable {

    private final ComputationGraph graph;
    private final DecoderConfig config;
    private final Detokenizer detokenizer;
    private final int slots;
    private final int longest;
    private final Occupancy occupancy;
    private final PromptScoring scoring;
    private final Map<GeneratedSequence, GenerationJob> live = new LinkedHashMap<>(); // in the order of arrival
    private GenerationLane lane;
    private int groups; // numbers of requests, so that samples of one share their prompt

    ContinuousBatch(
            ComputationGraph graph,
            DecoderConfig config,
            Detokenizer detokenizer,
            int slots,
            int longest,
            Occupancy occupancy) {
        this.graph = graph;
        this.config = config;
        this.detokenizer = detokenizer;
        this.slots = slots;
        this.longest = longest;
        this.occupancy = occupancy;
        this.scoring = new PromptScoring(graph, config);
        this.lane = lane();
    }

    private GenerationLane lane() {
        TensorOps shared = DecoderGraph.ops(graph);
        TensorOps ops = Generator.isSmall(shared, config) ? shared.serial() : shared;
        // Without dynamic RoPE scaling a longer prompt is read in parts.
        int pass = Math.max(CachedForward.followsLength(config) ? longest : 0, GenerationLane.PROMPT_TOKENS);
        CachedForward forward = new CachedForward(ops, graph, config, slots, longest, pass, true);
        return new GenerationLane(ops, forward, config, List.of(), slots, 1, true);
    }

    PromptScoring scoring() {
        return scoring;
    }

    /** Bytes of the keys and values outside of workspaces. */
    long cacheBytes() {
        return lane.cacheBytes();
    }

    /** Frees keys and values; no step may follow. */
    @Override
    public void close() {
        if (lane != null) {
            lane.close();
        }
    }

    boolean busy() {
        return !live.isEmpty();
    }

    void add(GenerationJob job) {
        groups = groups + 1 & Integer.MAX_VALUE;
        for (GeneratedSequence s : job.sequences(groups, longest, config.vocabSize())) {
            live.put(s, job);
            lane.add(s);
        }
    }

    void cancel() {
        live.values().forEach(GenerationJob::cancel);
    }

    /** Scores what shares one pass. A failure is that of the jobs. */
    void score(List<PromptScoring.Job> jobs) {
        if (jobs.isEmpty()) {
            return;
        }
        try {
            scoring.run(jobs);
        } catch (RuntimeException | OutOfMemoryError e) {
            jobs.forEach(job -> job.result().completeExceptionally(e));
        }
    }

    /** One step of the lane, and all calls to listeners that follow from it. A failure is that of all requests. */
    void step() {
        for (Iterator<Map.Entry<GeneratedSequence, GenerationJob>> all =
                        live.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<GeneratedSequence, GenerationJob> next = all.next();
            if (next.getValue().cancelled()) {
                next.getKey().finish = Finish.CANCELLED;
                all.remove();
                end(next.getKey(), next.getValue());
            }
        }
        try {
            lane.step();
        } catch (RuntimeException | Error e) {
            Set<GenerationJob> failed = new LinkedHashSet<>(live.values());
            live.keySet().forEach(occupancy::end);
            live.clear();
            lane.close(); // its memory is free before the next one takes some
            lane = null;
            failed.forEach(job -> job.fail(e));
            if (e instanceof Error && !(e instanceof OutOfMemoryError)) {
                throw e;
            }
            lane = lane();
            return;
        }
        for (GeneratedSequence s : new ArrayList<>(lane.touched)) {
            GenerationJob job = live.get(s);
            do {
                tell(s, job);
            } while (!job.cancelled() && s.appendProposed());
        }
    }

    private void tell(GeneratedSequence s, GenerationJob job) {
        if (s.length == s.promptLength + 1) {
            occupancy.start();
        }
        String text = null;
        if (detokenizer != null) {
            s.addText(detokenizer);
            text = s.text.take(s.finish != null);
        }
        job.tell(s, text);
        if (s.finish != null) {
            live.remove(s);
            end(s, job);
        }
    }

    private void end(GeneratedSequence s, GenerationJob job) {
        occupancy.end(s);
        job.end(s);
    }

    /** How many sequences are on their way. A sequence is no longer counted when its listener hears of its end. */
    static final class Occupancy {

        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger running = new AtomicInteger();

        void take(int sequences) {
            taken.addAndGet(sequences);
        }

        /** A sequence has its first token. */
        void start() {
            running.incrementAndGet();
        }

        void end(GeneratedSequence s) {
            taken.decrementAndGet();
            if (s.length > s.promptLength) {
                running.decrementAndGet();
            }
        }

        /** Sequences that have not ended. */
        int taken() {
            return taken.get();
        }

        /** Sequences that have a slot and at least one token. */
        int running() {
            return running.get();
        }
    }
}
