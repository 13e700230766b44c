package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.HandleCache;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sequences that are decoded together. Up to a number of slots are open at a time, and a slot that becomes free takes
 * the next prompt.
 */
final class GenerationLane {

    /** Prompts of equal length are read together up to this many tokens. */
    static final int PROMPT_TOKENS = 1024;

    private final TensorOps ops;
    private final HandleCache handles;
    private final CachedForward forward;
    private final GenerationConfig settings;
    private final TokenSampler sampler;
    private final boolean equalLengths;
    private final Deque<GeneratedSequence> waiting;
    private final GeneratedSequence[] open; // by slot, null where free
    final List<GeneratedSequence> touched = new ArrayList<>(); // what the last step has added a token to
    private final float[] row; // [V]
    private int[] slots = new int[0]; // [B]
    private int[] ids = slots; // [B]
    private int[] positions = slots; // [B]
    private int[] chosen = slots; // [B]
    private TokenStatistics statistics = TokenStatistics.ofRows(0);

    /**
     * @param sequences equal lengths next to each other
     * @param equalLengths whether sequences of different lengths must not be decoded together
     */
    GenerationLane(
            TensorOps ops,
            CachedForward forward,
            DecoderConfig config,
            GenerationConfig settings,
            List<GeneratedSequence> sequences,
            int slots,
            boolean equalLengths) {
        this.ops = ops;
        this.handles = ops.handleCache();
        this.forward = forward;
        this.settings = settings;
        this.sampler = new TokenSampler(settings, config.vocabSize());
        this.waiting = new ArrayDeque<>(sequences);
        this.open = new GeneratedSequence[slots];
        this.equalLengths = equalLengths;
        this.row = new float[config.vocabSize()];
    }

    /** Adds a token to every open sequence, or reads prompts into free slots and adds their first. */
    void step() {
        touched.clear();
        handles.run(this::run);
    }

    private void run() {
        int free = 0;
        for (int i = 0; i < open.length; i++) {
            if (open[i] != null && open[i].finish != null) {
                open[i] = null;
            }
            free += open[i] == null ? 1 : 0;
        }
        boolean admit = equalLengths ? free == open.length : free > 0;
        if (admit && !waiting.isEmpty()) {
            do {
                free -= admit(free);
            } while (!equalLengths && free > 0 && !waiting.isEmpty());
        } else if (free < open.length) {
            next(open.length - free);
        }
    }

    /** Reads the prompts of one length into free slots and returns how many. */
    private int admit(int free) {
        int time = waiting.peek().length;
        int most = Math.min(free, Math.max(1, PROMPT_TOKENS / time));
        List<GeneratedSequence> group = new ArrayList<>();
        while (group.size() < most && !waiting.isEmpty() && waiting.peek().length == time) {
            group.add(waiting.poll());
        }
        int[] into = new int[group.size()];
        int[] prompts = new int[group.size() * time]; // [B * T]
        int slot = 0;
        for (int b = 0; b < into.length; b++) {
            while (open[slot] != null) {
                slot++;
            }
            into[b] = slot;
            open[slot] = group.get(b);
            System.arraycopy(group.get(b).tokens, 0, prompts, b * time, time);
        }
        choose(forward.prompts(prompts, into), into);
        return into.length;
    }

    private void next(int n) {
        if (slots.length != n) {
            slots = new int[n];
            ids = new int[n];
            positions = new int[n];
        }
        int b = 0;
        for (int slot = 0; slot < open.length; slot++) {
            GeneratedSequence s = open[slot];
            if (s != null) {
                slots[b] = slot;
                positions[b] = s.length - 1;
                ids[b++] = s.tokens[s.length - 1];
            }
        }
        choose(forward.next(ids, slots, positions), slots);
    }

    /**
     * Appends a token to the sequences of the slots. Log-probs and entropies are those of the model and do not depend
     * on the settings.
     */
    private void choose(INDArray logits, int[] bySlot) {
        int n = bySlot.length;
        if (chosen.length != n) {
            chosen = new int[n];
            statistics = TokenStatistics.ofRows(n);
        }
        for (int b = 0; b < n; b++) {
            GeneratedSequence s = open[bySlot[b]];
            ops.vectors().read(logits, (long) b * row.length, row, row.length);
            chosen[b] = sampler.choose(row, s.seenIds, s.seenCount, s.random);
        }
        ops.softmax().forward(logits, chosen, 0, statistics);
        for (int b = 0; b < n; b++) {
            GeneratedSequence s = open[bySlot[b]];
            double logProb = statistics.logProb()[b];
            if (Double.isNaN(logProb)) {
                throw new IllegalStateException("a logit after position " + (s.length - 1) + " of sequence " + s.index
                        + " is NaN or infinite; the model's weights are damaged");
            }
            s.append(chosen[b], logProb, statistics.entropy()[b], settings);
            touched.add(s);
        }
    }

    /** Whether sequences are open or waiting. */
    boolean busy() {
        return !waiting.isEmpty() || Arrays.stream(open).anyMatch(s -> s != null && s.finish == null);
    }
}
