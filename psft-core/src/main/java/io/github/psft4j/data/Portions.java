package io.github.psft4j.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The demonstrations of a set by what they are for: training or evaluation. Those that are trained come as often as an
 * epoch shows them. A seed and the same files give the same portions again, so a resumed run has the same.
 *
 * @param train what is trained
 * @param heldOut what is evaluated; null if nothing is held out
 */
public record Portions(DemonstrationSet train, DemonstrationSet heldOut) {

    /**
     * Holds a part out, drawn without replacement over all files, and then repeats or thins the rest by file.
     *
     * @param all the demonstrations; to be closed after the portions
     * @param heldOut below 1 the part of the demonstrations that is held out, from 1 on their number; 0 for none
     * @param weights file or directory to how often an epoch shows its demonstrations: 2 twice, 0.5 a drawn half, 0
     *     never; 1 for those that are not named
     * @param seed of both draws
     * @throws IllegalArgumentException if nothing would be left to train on
     */
    public static Portions of(DemonstrationSet all, double heldOut, Map<Path, Double> weights, long seed) {
        int together = all.report().sequences();
        int size = all.size() / together;
        int[] drawn = shuffled(size, seed);
        int held = heldOut == 0 ? 0 : (int) Math.max(1, heldOut < 1 ? Math.round(heldOut * size) : heldOut);
        if (held >= size) {
            throw new IllegalArgumentException(
                    "of " + size + " demonstrations " + held + " would be held out, so none is left to train on");
        }
        boolean[] out = new boolean[size];
        for (int i = 0; i < held; i++) {
            out[drawn[i]] = true;
        }
        int[] train = mixed(all.report(), out, weights, seed);
        if (train.length == 0) {
            throw new IllegalArgumentException("the weights leave no demonstration to train on");
        }
        int[] evaluated = Arrays.stream(drawn, 0, held).sorted().toArray();
        return new Portions(
                train.length == size && held == 0 && weights.isEmpty() ? all : all.select(sequences(train, together)),
                held == 0 ? null : all.select(sequences(evaluated, together)));
    }

    /** Indices of the sequences of some rows: both of a pair. */
    private static int[] sequences(int[] rows, int together) {
        return Arrays.stream(rows)
                .flatMap(row -> IntStream.range(row * together, (row + 1) * together))
                .toArray();
    }

    /** Indices to train, file by file and in order; those that are shown twice follow each other's whole file. */
    private static int[] mixed(DataReport report, boolean[] out, Map<Path, Double> weights, long seed) {
        int[] train = new int[0];
        int from = 0;
        for (int f = 0; f < report.files().size(); f++) {
            int to = from + report.keptByFile().get(f);
            int[] mine = IntStream.range(from, to).filter(i -> !out[i]).toArray();
            double weight = weight(Path.of(report.files().get(f)), weights);
            for (int times = (int) weight; times > 0; times--) {
                train = joined(train, mine);
            }
            int some = (int) Math.round((weight - (int) weight) * mine.length);
            int[] order = shuffled(mine.length, seed + f + 1);
            train = joined(
                    train,
                    Arrays.stream(order, 0, some).sorted().map(i -> mine[i]).toArray());
            from = to;
        }
        return train;
    }

    private static double weight(Path file, Map<Path, Double> weights) {
        return weights.entrySet().stream()
                .filter(entry -> file.equals(entry.getKey()) || entry.getKey().equals(file.getParent()))
                .mapToDouble(Map.Entry::getValue)
                .findFirst()
                .orElse(1);
    }

    private static int[] joined(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, Math.addExact(a.length, b.length));
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static int[] shuffled(int n, long seed) {
        int[] order = new int[n];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
