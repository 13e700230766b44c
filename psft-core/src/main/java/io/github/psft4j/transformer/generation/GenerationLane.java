package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.HandleCache;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sequences that are decoded together. Up to a number of slots are open at a time, and a slot that becomes free takes
 * the next prompt. Samples of one prompt are neighbours: the prompt is read once, and its keys and values are shared. A
 * paced lane reads a long prompt in parts, between which the others go on.
 */
final class GenerationLane implements AutoCloseable {

    /** Prompts are read together up to this many tokens; unless the lane is paced, those of equal length only. */
    static final int PROMPT_TOKENS = 1024;

    private final HandleCache handles;
    private final CachedForward forward;
    private final TokenChoice choice;
    private final boolean equalLengths;
    private final boolean paced;
    private final Deque<GeneratedSequence> waiting;
    private final GeneratedSequence[] open; // by slot, null where free
    final List<GeneratedSequence> touched = new ArrayList<>(); // what the last step has added a token to
    private int[] slots = new int[0]; // by row of the last step
    private int[] ids = slots;
    private int[] positions = slots;
    private GeneratedSequence[] rows = {}; // by row of the last choice
    private final int[][] proposals; // by slot: what may follow the tokens of this step, null where nothing is read
    private int kept = -1; // group whose prompt the spare slot keeps for samples that wait
    private boolean hasRead; // whether the last step has read prompts
    private LongPrompt partly; // what is read in parts; null if nothing is

    /**
     * @param sequences equal lengths next to each other, and in them those of a group
     * @param factor on the logits before log-probs and entropies are taken
     * @param paced whether open sequences get a token after every pass over prompts, of at most {@link #PROMPT_TOKENS},
     *     or when all slots are taken
     */
    GenerationLane(
            TensorOps ops,
            CachedForward forward,
            DecoderConfig config,
            List<GeneratedSequence> sequences,
            int slots,
            double factor,
            boolean paced) {
        this.handles = ops.handleCache();
        this.forward = forward;
        this.waiting = new ArrayDeque<>(sequences);
        this.open = new GeneratedSequence[slots];
        this.proposals = new int[slots][];
        this.equalLengths = CachedForward.followsLength(config);
        this.choice = new TokenChoice(ops, config.vocabSize(), factor);
        this.paced = paced;
    }

    /** Lets one more sequence wait for a slot. */
    void add(GeneratedSequence sequence) {
        waiting.add(sequence);
    }

    /** Adds a token to every open sequence, or reads prompts into free slots and adds their first. */
    void step() {
        touched.clear();
        waiting.removeIf(s -> s.finish != null);
        forgetKept();
        int free = 0;
        for (int i = 0; i < open.length; i++) {
            if (open[i] != null && open[i].finish != null) {
                partly = partly != null && partly.slot() == i ? null : partly;
                open[i] = null;
                forward.release(i);
            }
            free += open[i] == null ? 1 : 0;
        }
        int n = open.length - free - (partly == null ? 0 : 1); // sequences that get a token
        boolean turn = !(paced && hasRead) || n == 0;
        boolean admit = turn && (equalLengths ? free == open.length : free > 0) && !waiting.isEmpty();
        hasRead = admit || turn && partly != null;
        if (turn && partly != null) {
            readOn();
        } else if (admit) {
            do {
                free -= admit(free);
            } while (!paced && !equalLengths && free > 0 && !waiting.isEmpty());
        } else if (n > 0) {
            handles.run(() -> next(n)); // the arrays of prompts are not kept: their shapes never end
        }
    }

    /** Reads the next part of a long prompt, and adds the first token after the last. */
    private void readOn() {
        GeneratedSequence s = open[partly.slot()];
        INDArray logits = partly.read(forward, s, PROMPT_TOKENS);
        if (logits != null) {
            int[] slots = {partly.slot()};
            partly = null;
            keepForWaiting(s, logits, slots);
            choose(logits, slots);
        }
    }

    /** Reads the prompts of one pass into free slots and returns how many sequences those are. */
    private int admit(int free) {
        if (waiting.peek().group == kept) {
            int[] slots = seat(takeKept(free));
            forward.share(open.length, slots, open[slots[0]].length);
            choose(forward.repeatKept(slots.length), slots);
            return slots.length;
        }
        if (paced && !equalLengths && waiting.peek().length > PROMPT_TOKENS) {
            partly = new LongPrompt(seat(List.of(waiting.poll()))[0]);
            readOn();
            return 1;
        }
        List<GeneratedSequence> group = take(free);
        int[] into = seat(group);
        int[] row = new int[into.length]; // of the sequence's prompt among those that are read
        List<Integer> first = new ArrayList<>(); // sequences whose prompt is read
        for (int b = 0; b < into.length; b++) {
            if (b == 0 || group.get(b).group != group.get(b - 1).group) {
                first.add(b);
            }
            row[b] = first.size() - 1;
        }
        int[] read = new int[first.size()]; // slots
        Arrays.setAll(read, u -> into[first.get(u)]);
        INDArray logits = read(first.stream().map(group::get).toList(), read);
        keepForWaiting(group.get(group.size() - 1), logits, read);
        if (read.length == into.length) {
            choose(logits, into);
            return into.length;
        }
        for (int u = 0; u < read.length; u++) {
            int end = u + 1 < read.length ? first.get(u + 1) : into.length;
            int length = group.get(first.get(u)).length;
            forward.share(read[u], Arrays.copyOfRange(into, first.get(u) + 1, end), length);
        }
        choose(forward.repeat(logits, row), into);
        return into.length;
    }

    /** Reads prompts, in a row each if they are of one length, else packed into one row. */
    private INDArray read(List<GeneratedSequence> prompts, int[] slots) {
        int total = prompts.stream().mapToInt(s -> s.length).sum();
        int[] ids = new int[total];
        int[] sequences = new int[total];
        int row = 0;
        for (int u = 0; u < slots.length; u++) {
            GeneratedSequence s = prompts.get(u);
            System.arraycopy(s.tokens, 0, ids, row, s.length);
            Arrays.fill(sequences, row, row + s.length, u);
            row += s.length;
        }
        boolean equal = prompts.stream().allMatch(s -> s.length == prompts.get(0).length);
        SequenceLayout layout = equal
                ? SequenceLayout.whole(slots.length, total / slots.length)
                : SequenceLayout.of(sequences, 1, total);
        return forward.prompts(ids, layout, slots);
    }

    /** Takes waiting sequences of the kept prompt, at most so many. */
    private List<GeneratedSequence> takeKept(int most) {
        List<GeneratedSequence> taken = new ArrayList<>();
        while (taken.size() < most && !waiting.isEmpty() && waiting.peek().group == kept) {
            taken.add(waiting.poll());
        }
        return taken;
    }

    /** Takes waiting sequences whose prompts share a pass, at most so many; those of one length unless paced. */
    private List<GeneratedSequence> take(int most) {
        List<GeneratedSequence> taken = new ArrayList<>();
        boolean ragged = paced && !equalLengths;
        int time = waiting.peek().length;
        int group = kept;
        int tokens = 0;
        while (taken.size() < most && !waiting.isEmpty() && (ragged || waiting.peek().length == time)) {
            GeneratedSequence next = waiting.peek();
            if (next.group != group) {
                if (tokens > 0 && tokens + next.length > PROMPT_TOKENS) {
                    break;
                }
                tokens += next.length;
                group = next.group;
            }
            taken.add(waiting.poll());
        }
        return taken;
    }

    /** Opens sequences in free slots and returns these. */
    private int[] seat(List<GeneratedSequence> sequences) {
        int[] into = new int[sequences.size()];
        int slot = 0;
        for (int b = 0; b < into.length; b++) {
            while (open[slot] != null) {
                slot++;
            }
            into[b] = slot;
            open[slot] = sequences.get(b);
        }
        return into;
    }

    /** Keeps the last prompt that was read, if samples of it are still waiting. */
    private void keepForWaiting(GeneratedSequence last, INDArray logits, int[] read) {
        if (!waiting.isEmpty() && waiting.peek().group == last.group) {
            kept = last.group;
            forward.share(read[read.length - 1], new int[] {open.length}, last.length);
            forward.keep(logits, read.length - 1);
        }
    }

    /** Frees the spare slot when no sample waits for it. */
    private void forgetKept() {
        if (kept >= 0 && (waiting.isEmpty() || waiting.peek().group != kept)) {
            kept = -1;
            forward.release(open.length);
        }
    }

    /** A token for each of n sequences, and as many more as their proposals are right. */
    private void next(int n) {
        int most = CachedForward.HEAD_ROWS / n - 1; // proposed tokens of a sequence
        int count = 0; // of rows
        for (int slot = 0; slot < open.length; slot++) {
            GeneratedSequence s = open[slot];
            proposals[slot] = null;
            if (s != null && (partly == null || partly.slot() != slot)) {
                proposals[slot] = s.propose(Math.min(most, forward.erasable(s.length)));
                count += 1 + proposals[slot].length;
            }
        }
        if (slots.length != count) {
            slots = new int[count];
            ids = new int[count];
            positions = new int[count];
        }
        int b = 0;
        for (int slot = 0; slot < open.length; slot++) {
            for (int j = 0; proposals[slot] != null && j <= proposals[slot].length; j++) {
                GeneratedSequence s = open[slot];
                slots[b] = slot;
                positions[b] = s.length - 1 + j;
                ids[b++] = j == 0 ? s.tokens[s.length - 1] : proposals[slot][j - 1];
            }
        }
        choose(count == n ? forward.next(ids, slots, positions) : forward.ahead(ids, slots, positions), slots);
    }

    /** Appends a token to the sequences of the slots, and what is proposed rightly behind it waits there. */
    private void choose(INDArray logits, int[] bySlot) {
        if (rows.length != bySlot.length) {
            rows = new GeneratedSequence[bySlot.length];
        }
        for (int b = 0; b < rows.length; b++) {
            rows[b] = open[bySlot[b]];
        }
        choice.run(logits, rows);
        for (int b = 0; b < bySlot.length; b++) {
            if (b == 0 || bySlot[b] != bySlot[b - 1]) {
                touched.add(open[bySlot[b]]);
            }
        }
    }

    /** Bytes of the keys and values outside of workspaces. */
    long cacheBytes() {
        return forward.cacheBytes();
    }

    /** Frees keys and values; no step may follow. */
    @Override
    public void close() {
        forward.close();
    }

    /** Whether sequences are open or waiting. */
    boolean busy() {
        boolean busy = !waiting.isEmpty();
        for (GeneratedSequence s : open) {
            busy |= s != null && s.finish == null;
        }
        return busy;
    }
}
