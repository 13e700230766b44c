package io.github.psft4j.transformer;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Chooses one token of a row of logits by {@link GenerationConfig}. */
final class TokenSampler {

    /** The chosen token, its log-prob and the entropy under the model at temperature 1, nats. */
    record Choice(int token, double logProb, double entropy) {}

    private final GenerationConfig config;
    private final SplittableRandom random;

    /**
     * @param sequence index of the prompt, which selects its own stream of random numbers
     */
    TokenSampler(GenerationConfig config, long sequence) {
        this.config = config;
        this.random = new SplittableRandom(config.seed() * 0x9E3779B97F4A7C15L + sequence);
    }

    /**
     * @throws IllegalStateException if a logit is NaN or infinite
     */
    Choice choose(float[] logits) {
        int best = 0;
        for (int v = 0; v < logits.length; v++) {
            if (!Float.isFinite(logits[v])) {
                throw new IllegalStateException("logit of token " + v + " is " + logits[v]
                        + " while generating; the model's weights are damaged");
            }
            if (logits[v] > logits[best]) {
                best = v;
            }
        }
        double max = logits[best];
        double sum = 0;
        double weighted = 0;
        for (float z : logits) {
            double e = Math.exp(z - max);
            sum += e;
            weighted += e * (z - max);
        }
        int token = config.temperature() == 0 ? best : draw(logits, max);
        double logSum = Math.log(sum);
        return new Choice(token, logits[token] - max - logSum, logSum - weighted / sum);
    }

    private int draw(float[] logits, double max) {
        int n = logits.length;
        double[] p = new double[n];
        for (int v = 0; v < n; v++) {
            p[v] = Math.exp((logits[v] - max) / config.temperature());
        }
        if (config.topK() > 0 && config.topK() < n || config.topP() < 1) {
            cut(p);
        }
        double mass = Arrays.stream(p).sum();
        double u = random.nextDouble() * mass;
        int last = 0;
        for (int v = 0; v < n; v++) {
            if (p[v] > 0) {
                last = v;
                u -= p[v];
                if (u < 0) {
                    return v;
                }
            }
        }
        return last; // rounding left u at the very end
    }

    /** Sets to 0 what lies outside the top k or the nucleus; ties go to the lower id. */
    private void cut(double[] p) {
        Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(p[b], p[a]));
        double total = Arrays.stream(p).sum();
        double mass = 0;
        int kept = 0;
        while (kept < p.length
                && (config.topK() == 0 || kept < config.topK())
                && (kept == 0 || mass < config.topP() * total)) {
            mass += p[order[kept++]];
        }
        for (int i = kept; i < order.length; i++) {
            p[order[i]] = 0;
        }
    }
}
