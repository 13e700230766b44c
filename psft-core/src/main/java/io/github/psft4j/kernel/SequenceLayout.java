package io.github.psft4j.kernel;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Where the sequences of a batch lie in its rows of tokens {@code [B, T]}. {@link #whole}: one per row and as long as
 * the row. {@link #of}: several packed into a row, followed by padding.
 *
 * <p>A sequence is a run of tokens within one row. Positions count from 0 at its start, and attention never leaves it.
 * Token rows are numbered {@code b*T + t}; those of no sequence are padding.
 *
 * <p>{@link #sharing}: a sequence may begin with the tokens of an earlier one, in whose rows alone these lie. Samples
 * of one prompt do.
 */
public final class SequenceLayout {

    /** Number of a token row that belongs to no sequence. */
    public static final int PADDING = -1;

    private final int batch;
    private final int time;
    private final int[] sequences; // [B * T], PADDING or the sequence; null: one whole sequence per row
    private final int[] starts; // [S], first token row of each sequence; null as above
    private final int[] lengths; // [S], with what is shared; null as above
    private final int[] shared; // [S]; null: nothing is
    private final int longest;

    private SequenceLayout(int batch, int time, int[] sequences, int[] starts, int[] lengths) {
        this(batch, time, sequences, starts, lengths, null);
    }

    private SequenceLayout(int batch, int time, int[] sequences, int[] starts, int[] lengths, int[] shared) {
        this.batch = batch;
        this.time = time;
        this.sequences = sequences;
        this.starts = starts;
        this.lengths = lengths;
        this.shared = shared;
        this.longest = lengths == null ? time : Arrays.stream(lengths).max().orElse(0);
    }

    /** One sequence per row, each of T tokens. */
    public static SequenceLayout whole(int batch, int time) {
        return new SequenceLayout(batch, time, null, null, null);
    }

    /** One sequence per row, of the given lengths, with padding behind it; without any padding it is {@link #whole}. */
    public static SequenceLayout padded(int[] lengths, int time) {
        if (Arrays.stream(lengths).allMatch(length -> length == time)) {
            return whole(lengths.length, time);
        }
        int[] sequences = new int[lengths.length * time];
        for (int row = 0; row < sequences.length; row++) {
            sequences[row] = row % time < lengths[row / time] ? row / time : PADDING;
        }
        return of(sequences, lengths.length, time);
    }

    /**
     * The sequences that the token rows name.
     *
     * @param sequences number of the sequence of every token row, {@code [B * T]}: {@link #PADDING} or 0 to S - 1, each
     *     of which is one run within one row
     * @throws IllegalArgumentException naming the row and position at which a number is out of range or a sequence
     *     starts a second time, or the number that is missing
     */
    public static SequenceLayout of(int[] sequences, int batch, int time) {
        if (sequences.length != batch * time) {
            throw new IllegalArgumentException(
                    sequences.length + " sequence numbers for " + batch + " rows of " + time);
        }
        int[] starts = new int[sequences.length];
        int[] lengths = new int[sequences.length];
        int count = 0;
        for (int row = 0; row < sequences.length; row++) {
            int s = sequences[row];
            if (s < PADDING || s >= sequences.length) {
                throw new IllegalArgumentException("sequence number " + s + at(row, time)
                        + " must be -1 (padding) or below the number of tokens, " + sequences.length);
            }
            if (s == PADDING) {
                continue;
            }
            if (lengths[s] == 0) {
                starts[s] = row;
            } else if (row % time == 0 || sequences[row - 1] != s) {
                throw new IllegalArgumentException("sequence " + s + " starts a second time" + at(row, time)
                        + "; its tokens must lie side by side");
            }
            lengths[s]++;
            count = Math.max(count, s + 1);
        }
        for (int s = 0; s < count; s++) {
            if (lengths[s] == 0) {
                throw new IllegalArgumentException(
                        "sequence " + s + " of " + count + " has no token; number the sequences from 0 without gaps");
            }
        }
        return new SequenceLayout(
                batch, time, sequences.clone(), Arrays.copyOf(starts, count), Arrays.copyOf(lengths, count));
    }

    private static String at(int row, int time) {
        return " at row " + row / time + ", position " + row % time;
    }

    /**
     * The same rows, where sequences begin with tokens of an earlier one and have only the rest as rows of their own.
     *
     * @param tokens how many, {@code [S]}: the first so many of the last sequence before it that shares none
     * @throws IllegalArgumentException if there is padding, or a sequence shares more than the earlier one has
     */
    public SequenceLayout sharing(int[] tokens) {
        if (tokens.length != count()) {
            throw new IllegalArgumentException(
                    tokens.length + " numbers of shared tokens for " + count() + " sequences");
        }
        if (Arrays.stream(tokens).allMatch(n -> n == 0)) {
            return this;
        }
        int[] own = sequences != null
                ? sequences
                : IntStream.range(0, batch * time).map(row -> row / time).toArray();
        int[] first = new int[tokens.length];
        int[] whole = new int[tokens.length];
        int owner = 0;
        for (int s = 0; s < tokens.length; s++) {
            owner = tokens[s] == 0 ? s : owner;
            first[s] = start(s);
            whole[s] = length(s) + tokens[s];
            if (tokens[s] < 0 || (owner == s ? tokens[s] > 0 : tokens[s] > whole[owner])) {
                throw new IllegalArgumentException("sequence " + s + " cannot share " + tokens[s]
                        + " tokens with an earlier one" + (owner == s ? "" : " of " + whole[owner]));
            }
        }
        if (Arrays.stream(own).anyMatch(s -> s == PADDING)) {
            throw new IllegalArgumentException("sequences that share tokens lie side by side without padding");
        }
        return new SequenceLayout(batch, time, own, first, whole, tokens.clone());
    }

    /** Whether any sequence begins with tokens of another. */
    public boolean shares() {
        return shared != null;
    }

    /** Tokens that a sequence has in common with an earlier one, and no rows of its own for. */
    public int shared(int sequence) {
        return shared == null ? 0 : shared[sequence];
    }

    /** The same sequences without sharing, one per row with padding behind it. */
    public SequenceLayout unshared() {
        return shared == null ? this : padded(lengths, longest);
    }

    /** For every token row of {@link #unshared}, the row here that has its token; 0 for padding. */
    public int[] sources() {
        int[] rows = new int[count() * longest];
        int owner = 0;
        for (int s = 0; s < count(); s++) {
            owner = shared(s) == 0 ? s : owner;
            for (int t = 0; t < length(s); t++) {
                rows[s * longest + t] = t < shared(s) ? start(owner) + t : start(s) + t - shared(s);
            }
        }
        return rows;
    }

    /** For every token row here, its row in {@link #unshared}, that of the sequence that it belongs to. */
    public int[] targets() {
        int[] rows = new int[batch * time];
        Arrays.setAll(rows, row -> sequence(row) * longest + position(row));
        return rows;
    }

    /** The sequences of the rows [from, to) of tokens alone. */
    public SequenceLayout rows(int from, int to) {
        if (isWhole() || (from == 0 && to == batch)) {
            return isWhole() ? whole(to - from, time) : this;
        }
        if (shares()) {
            throw new IllegalStateException("sequences that share tokens are not cut apart");
        }
        int[] part = Arrays.copyOfRange(sequences, from * time, to * time);
        int next = 0;
        for (int row = 0; row < part.length; row++) { // numbered again, without gaps
            boolean starts = part[row] != PADDING && start(part[row]) == from * time + row;
            if (part[row] != PADDING) {
                part[row] = starts ? next++ : part[row - 1];
            }
        }
        return of(part, to - from, time);
    }

    /** Rows of tokens, B. */
    public int batch() {
        return batch;
    }

    /** Tokens per row, T. */
    public int time() {
        return time;
    }

    /** Whether every row is one sequence without padding. */
    public boolean isWhole() {
        return sequences == null;
    }

    /** Whether sequence b starts row b and is the only one there, with or without padding behind it. */
    public boolean isOnePerRow() {
        if (sequences == null) {
            return true;
        }
        boolean one = starts.length == batch && !shares();
        for (int b = 0; one && b < batch; b++) {
            one = starts[b] == b * time;
        }
        return one;
    }

    /** Number of sequences, S. */
    public int count() {
        return starts == null ? batch : starts.length;
    }

    /** First token row of a sequence, of those that are its own. */
    public int start(int sequence) {
        return starts == null ? sequence * time : starts[sequence];
    }

    /** Tokens of a sequence, with those that it shares. */
    public int length(int sequence) {
        return lengths == null ? time : lengths[sequence];
    }

    /** Tokens of the longest sequence. */
    public int longest() {
        return longest;
    }

    /** Sequence of a token row, or {@link #PADDING}. */
    public int sequence(int row) {
        return sequences == null ? row / time : sequences[row];
    }

    /** Position of a token row within its sequence, 0 for padding. */
    public int position(int row) {
        int sequence = sequence(row);
        return sequence == PADDING ? 0 : row - start(sequence) + shared(sequence);
    }

    /** Positions of all token rows, {@code [B * T]}; see {@link #position}. */
    public int[] positions() {
        int[] positions = new int[batch * time];
        Arrays.setAll(positions, this::position);
        return positions;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceLayout s
                && batch == s.batch
                && time == s.time
                && Arrays.equals(sequences, s.sequences)
                && Arrays.equals(shared, s.shared);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * batch + time) + Arrays.hashCode(sequences);
    }

    @Override
    public String toString() {
        return isWhole()
                ? batch + " x " + time
                : "lengths " + Arrays.toString(lengths) + (shares() ? " sharing " + Arrays.toString(shared) : "")
                        + " in " + batch + " x " + time;
    }
}
