package io.github.psft4j.train.source;

import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.batch.Demonstration;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Answers that are good or bad, for KTO. Sequence 2i is answer i with its prompt. Sequence 2i + 1 is that prompt with
 * the answer before it, by which the drift from the reference is measured. The first answer of a block takes the last
 * of it. It is cut where the longest answer of the data ends.
 */
public final class UnpairedAnswers extends AbstractList<Demonstration> {

    private final List<Demonstration> answers;
    private final BitSet good = new BitSet();
    private final int block;
    private final int longest;

    /**
     * @param answers with their prompts
     * @param good whether each of them is a good one
     * @param block answers among which others are taken: those of a mini-batch, if the order of the data is kept
     * @throws IllegalArgumentException if there are fewer than two answers, or not a label for each
     */
    public UnpairedAnswers(List<Demonstration> answers, boolean[] good, int block) {
        if (answers.size() < 2 || good.length != answers.size()) {
            throw new IllegalArgumentException("KTO needs at least two answers, and a label for each; there are "
                    + answers.size() + " answers and " + good.length + " labels");
        }
        this.answers = answers;
        this.block = Math.max(2, block);
        int most = 0;
        for (int i = 0; i < good.length; i++) {
            this.good.set(i, good[i]);
            most = Math.max(most, answers.get(i).length());
        }
        this.longest = most;
    }

    /** The answers of a set whose rows have labels. */
    public static UnpairedAnswers of(DemonstrationSet set, int block) {
        boolean[] good = new boolean[set.size()];
        for (int i = 0; i < good.length; i++) {
            good[i] = set.weight(i) > 0; // where the label is kept
        }
        return new UnpairedAnswers(set, good, block);
    }

    /** Whether the answer that a sequence belongs to is a good one. */
    public boolean isGood(int sequence) {
        return good.get(sequence / 2);
    }

    @Override
    public Demonstration get(int index) {
        Demonstration answer = answers.get(index / 2);
        Demonstration plain = new Demonstration(answer.tokens(), answer.lossMask());
        return index % 2 == 0 ? plain : mismatch(plain, answers.get(other(index / 2)));
    }

    /** The answer before it in its block; a last block of one answer joins the block before. */
    private int other(int i) {
        int from = i / block * block;
        int to = Math.min(from + block, answers.size());
        if (to - from == 1) {
            return i - 1;
        }
        return i > from ? i - 1 : to - 1;
    }

    private Demonstration mismatch(Demonstration asked, Demonstration answered) {
        int[] prompt = Arrays.copyOf(asked.tokens(), start(asked));
        int[] answer = Arrays.copyOfRange(answered.tokens(), start(answered), answered.length());
        int room = Math.max(1, longest - prompt.length);
        return Demonstration.of(prompt, Arrays.copyOf(answer, Math.min(answer.length, room)));
    }

    /** The first trained token. */
    private static int start(Demonstration demonstration) {
        boolean[] mask = demonstration.lossMask();
        int start = 1;
        while (start < mask.length - 1 && !mask[start]) {
            start++;
        }
        return start;
    }

    @Override
    public int size() {
        return 2 * answers.size();
    }
}
