package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.Vectors;
import java.util.Arrays;

/** Chooses one token of a row of logits by {@link GenerationConfig}. One object serves one thread, in any settings. */
final class TokenSampler {

    /** Weights below {@code exp(-NEGLIGIBLE)} of the largest one are no part of a sum in double. */
    private static final double NEGLIGIBLE = 60;

    /** Candidates whose weights are summed up before one of them is looked for. */
    private static final int BLOCK = 256;

    private GenerationConfig config;
    private final int vocabulary;
    private final Vectors vectors;
    private final double[] masses; // sums of blocks of weights
    float[] weights = new float[0]; // [V], of the candidates
    int[] ids = new int[0]; // [V], of the candidates
    private long[] order = new long[0]; // [V]
    private float[] sorted = new float[0]; // [V]

    TokenSampler(GenerationConfig config, int vocabulary, Vectors vectors) {
        this.vocabulary = vocabulary;
        this.vectors = vectors;
        this.masses = new double[(vocabulary + BLOCK - 1) / BLOCK];
        use(config);
    }

    /** Chooses by these settings from now on. */
    void use(GenerationConfig settings) {
        config = settings;
        if (config.temperature() > 0 && ids.length == 0) {
            weights = new float[vocabulary];
            ids = new int[vocabulary];
        }
        if (config.topP() < 1 && order.length == 0) {
            order = new long[vocabulary];
        }
        if (cutsByRank() && sorted.length == 0) {
            sorted = new float[vocabulary];
        }
    }

    private boolean cutsByRank() {
        return config.temperature() > 0 && config.topK() > 0 && config.topK() < vocabulary;
    }

    /**
     * The next token.
     *
     * @param logits {@code [V]}; the penalty is applied in place
     * @param seen ids of prompt and continuation, each once, in its first {@code seenCount} elements
     * @param uniform random number in [0, 1); greedy takes none
     */
    int choose(float[] logits, int[] seen, int seenCount, double uniform) {
        penalize(logits, seen, seenCount);
        int best = 0;
        float max = Float.NEGATIVE_INFINITY;
        for (int v = 0; v < vocabulary; v++) {
            if (logits[v] > max) {
                max = logits[v];
                best = v;
            }
        }
        // A row without a finite maximum is damaged; the log-prob of any token will say so.
        return config.temperature() == 0 || !Float.isFinite(max) ? best : draw(logits, max, uniform);
    }

    void penalize(float[] logits, int[] seen, int seenCount) {
        float penalty = (float) config.repetitionPenalty();
        for (int i = 0; i < seenCount; i++) {
            float z = logits[seen[i]];
            logits[seen[i]] = z < 0 ? z * penalty : z / penalty;
        }
    }

    /** Finds the block of the number in the sums of blocks, then the candidate in the block. */
    private int draw(float[] logits, float max, double uniform) {
        int n = candidates(logits, max);
        int last = (n - 1) / BLOCK;
        double mass = 0;
        for (int b = 0; b <= last; b++) {
            masses[b] = mass(b * BLOCK, Math.min(n, (b + 1) * BLOCK));
            mass += masses[b];
        }
        double u = uniform * mass;
        int block = 0;
        while (block < last && u >= masses[block]) {
            u -= masses[block++];
        }
        int end = Math.min(n, (block + 1) * BLOCK) - 1;
        for (int i = block * BLOCK; i < end; i++) {
            u -= weights[i];
            if (u < 0) {
                return ids[i];
            }
        }
        return ids[end];
    }

    /** Sum of weights, in four sums that do not wait for each other. */
    private double mass(int from, int to) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = from;
        for (; i + 4 <= to; i += 4) {
            s0 += weights[i];
            s1 += weights[i + 1];
            s2 += weights[i + 2];
            s3 += weights[i + 3];
        }
        for (; i < to; i++) {
            s0 += weights[i];
        }
        return s0 + s1 + (s2 + s3);
    }

    /**
     * Fills {@link #ids} with the tokens that may be drawn and {@link #weights} with {@code exp((z - max) /
     * temperature)}; returns how many they are.
     */
    int candidates(float[] logits, float max) {
        double lowest = max - NEGLIGIBLE * config.temperature();
        if (cutsByRank()) {
            lowest = Math.max(lowest, kthLargest(logits));
        }
        double floor = max + Math.log(config.minP()) * config.temperature(); // minus infinity without min-p
        if (config.topP() < 1) {
            return nucleus(logits, max, lowest, floor);
        }
        return collect(logits, max, Math.max(lowest, floor));
    }

    /** Tokens of at least the given logit, by id. */
    private int collect(float[] logits, float max, double lowest) {
        float factor = (float) (1 / config.temperature());
        int n = 0;
        for (int v = 0; v < vocabulary; v++) {
            if (logits[v] >= lowest) {
                ids[n] = v;
                weights[n++] = (logits[v] - max) * factor;
            }
        }
        vectors.exp(weights, n);
        return n;
    }

    /**
     * Of the tokens of at least {@code lowest}, takes the most probable ones that reach the mass of top-p and are not
     * below {@code floor}.
     */
    private int nucleus(float[] logits, float max, double lowest, double floor) {
        int all = collect(logits, max, lowest);
        double wanted = config.topP() * mass(0, all);
        int n = 0;
        double mass = 0;
        // Few tokens have most of the mass: sort those first, and more only if they do not suffice.
        for (double width = 4; mass < wanted; width *= 2) {
            double from = Math.max(lowest, max - width * config.temperature());
            n = 0;
            mass = 0;
            for (int i = 0; i < all; i++) {
                if (logits[ids[i]] >= from) {
                    order[n++] = (long) ~sortable(logits[ids[i]]) << 32 | ids[i];
                    mass += weights[i];
                }
            }
            if (from == lowest) {
                break;
            }
        }
        Arrays.sort(order, 0, n);
        int kept = 0;
        mass = 0;
        while (kept < n && mass < wanted) {
            int v = (int) order[kept];
            if (kept > 0 && logits[v] < floor) {
                break;
            }
            ids[kept] = v;
            weights[kept] = (float) Math.exp((logits[v] - max) / config.temperature());
            mass += weights[kept++];
        }
        return kept;
    }

    /** Bits whose order as signed integers is that of the floats. */
    private static int sortable(float z) {
        int bits = Float.floatToIntBits(z);
        return bits ^ (bits >> 31 & 0x7fffffff);
    }

    private float kthLargest(float[] logits) {
        System.arraycopy(logits, 0, sorted, 0, vocabulary);
        return Selection.select(sorted, vocabulary, vocabulary - config.topK());
    }
}
