package io.github.psft4j.reward.function;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * The ratio of Python's {@code difflib.SequenceMatcher}: find the longest common block, then the same on both sides of
 * it. Characters are Unicode code points, as in Python.
 */
final class SequenceRatio {

    private static final int AUTOJUNK_FROM = 200;

    private final int[] a;
    private final int[] b;
    private final Map<Integer, List<Integer>> places = new HashMap<>(); // in b, ascending

    SequenceRatio(String a, String b) {
        this.a = a.codePoints().toArray();
        this.b = b.codePoints().toArray();
        for (int j = 0; j < this.b.length; j++) {
            places.computeIfAbsent(this.b[j], c -> new ArrayList<>()).add(j);
        }
        if (this.b.length >= AUTOJUNK_FROM) {
            int most = this.b.length / 100 + 1;
            places.values().removeIf(at -> at.size() > most);
        }
    }

    /** {@code 2 M / (a + b)}, 1 for two empty texts. */
    double ratio() {
        int total = a.length + b.length;
        return total == 0 ? 1 : 2.0 * matches() / total;
    }

    private int matches() {
        int sum = 0;
        Deque<int[]> open = new ArrayDeque<>();
        open.push(new int[] {0, a.length, 0, b.length});
        while (!open.isEmpty()) {
            int[] r = open.pop();
            int[] block = longest(r[0], r[1], r[2], r[3]);
            int size = block[2];
            if (size > 0) {
                sum += size;
                open.push(new int[] {r[0], block[0], r[2], block[1]});
                open.push(new int[] {block[0] + size, r[1], block[1] + size, r[3]});
            }
        }
        return sum;
    }

    private int[] longest(int aFrom, int aTo, int bFrom, int bTo) {
        int bestA = aFrom;
        int bestB = bFrom;
        int best = 0;
        Map<Integer, Integer> lengths = new HashMap<>(); // of blocks that end at j
        for (int i = aFrom; i < aTo; i++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the comparison was interrupted");
            }
            Map<Integer, Integer> next = new HashMap<>();
            for (int j : places.getOrDefault(a[i], List.of())) {
                if (j < bFrom) {
                    continue;
                }
                if (j >= bTo) {
                    break;
                }
                int length = lengths.getOrDefault(j - 1, 0) + 1;
                next.put(j, length);
                if (length > best) {
                    bestA = i - length + 1;
                    bestB = j - length + 1;
                    best = length;
                }
            }
            lengths = next;
        }
        // frequent characters do not begin a block, but they lengthen it
        while (bestA > aFrom && bestB > bFrom && a[bestA - 1] == b[bestB - 1]) {
            bestA--;
            bestB--;
            best++;
        }
        while (bestA + best < aTo && bestB + best < bTo && a[bestA + best] == b[bestB + best]) {
            best++;
        }
        return new int[] {bestA, bestB, best};
    }
}
