package io.github.psft4j.rollout.advantage;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The advantages of generation batches, one after the other, with {@link AdvantageSettings} and a {@link RewardKl}.
 *
 * <pre>
 * k_t = kl of log p_old - log q at token t                      R' = R - beta sum(k_t)
 * sequence:      A_t = (R' - baseline) / scale
 * reward to go:  r_t = -beta k_t, plus (R - baseline) / scale at the last token
 *                A_t = sum over u >= t of gamma^(u - t) r_u
 * gae:           d_t = r_t + gamma v_(t+1) - v_t, with v = 0 behind the last token
 *                A_t = sum over u >= t of (gamma lambda)^(u - t) d_u,  return_t = A_t + v_t
 * </pre>
 *
 * <p>Rewards that do not apply (NaN) take no part in any statistic, and their advantage is 0. Where all rewards of a
 * group are equal, a baseline from the group gives exactly 0. Only the moving average is carried from batch to batch.
 *
 * <p>GAE: Schulman et al., arXiv 1506.02438; returns are those before whitening, as in verl's
 * {@code compute_gae_advantage_return}.
 */
public final class Advantages {

    private static final double VARIANCE_EPSILON = 1e-8;

    private final AdvantageSettings settings;
    private final RewardKl kl;
    private double average = Double.NaN; // before the first batch

    /**
     * What one batch comes to.
     *
     * @param tokens advantage of every token, {@code [rows][completion]}
     * @param returns what a critic should have expected, {@code [rows][completion]}; null without one
     * @param baselines what was subtracted from every reward, {@code [rows]}; NaN where none applied
     * @param kl mean KL of the reward per trained token, nats; 0 without one
     */
    public record Result(double[][] tokens, double[][] returns, double[] baselines, double kl) {}

    /** The advantages of a run, before its first batch. */
    public Advantages(AdvantageSettings settings, RewardKl kl) {
        this.settings = settings;
        this.kl = kl;
    }

    /** The advantages of the next batch, without a critic; see the other method. */
    public Result of(RolloutBatch batch, boolean[] trained, double[][] logRatios) {
        return of(batch, trained, logRatios, null);
    }

    /**
     * The advantages of the next batch.
     *
     * @param trained which rows are trained; the others have no KL and no part in the whitening of tokens, but their
     *     rewards count
     * @param logRatios log p_old - log q of the completion's tokens, {@code [rows][completion]}, of trained rows; null
     *     without a KL in the reward
     * @param values what a critic expected before every token, {@code [rows][completion]}; null without GAE
     * @throws IllegalArgumentException if a group of one needs others, or the mean reward that divides is negative
     */
    public Result of(RolloutBatch batch, boolean[] trained, double[][] logRatios, double[][] values) {
        List<Rollout> rows = batch.rollouts();
        double[] rewards = batch.rewards();
        double[][] penalty = penalties(rows, trained, logRatios);
        double[] whole = rewards.clone();
        if (settings.credit() == Credit.SEQUENCE) {
            Arrays.setAll(
                    whole,
                    i -> rewards[i] - kl.beta() * Arrays.stream(penalty[i]).sum());
        }
        int[][] groups = groups(batch);
        double[] baselines = new double[whole.length];
        double[] sequence = new double[whole.length];
        Rewards of = new Rewards(whole, groups, settings, next(rewards));
        for (int i = 0; i < whole.length; i++) {
            baselines[i] = of.baseline(i);
            sequence[i] = of.advantage(i);
        }
        if (settings.whitening() == Whitening.SEQUENCES) {
            whiten(sequence);
        }
        double[][] tokens = new double[whole.length][];
        for (int i = 0; i < whole.length; i++) {
            tokens[i] = switch (settings.credit()) {
                case SEQUENCE -> filled(rows.get(i).completion().length, sequence[i]);
                case REWARD_TO_GO -> discounted(rewards(sequence[i], penalty[i]), settings.gamma());
                case GAE -> gae(rewards(sequence[i], penalty[i]), values[i]);
            };
        }
        double[][] returns = settings.credit() == Credit.GAE ? sums(tokens, values) : null;
        if (settings.whitening() == Whitening.TOKENS) {
            whiten(tokens, trained, rewards);
        }
        zero(tokens, rewards);
        return new Result(tokens, returns, baselines, mean(penalty, trained));
    }

    /** Passes a batch over, as a resumed run does. */
    public void skip(RolloutBatch batch) {
        next(batch.rewards());
    }

    /** Moving average of the batches so far, all that is carried from batch to batch; NaN before the first. */
    public double average() {
        return average;
    }

    /** Goes on with the moving average of an interrupted run. */
    public void restore(double movingAverage) {
        average = movingAverage;
    }

    /** The moving average before this batch, which then becomes a part of it. */
    private double next(double[] rewards) {
        double mean = Moments.mean(known(rewards));
        if (Double.isNaN(mean)) {
            return average;
        }
        double before = Double.isNaN(average) ? mean : average;
        average = settings.decay() * before + (1 - settings.decay()) * mean;
        return before;
    }

    /** KL of every token, {@code [rows][completion]}; 0 for a row that is not trained. */
    private double[][] penalties(List<Rollout> rows, boolean[] trained, double[][] logRatios) {
        KlForm form = kl.kl();
        double[][] out = new double[rows.size()][];
        for (int i = 0; i < out.length; i++) {
            out[i] = new double[rows.get(i).completion().length];
            if (kl.isOn() && trained[i]) {
                double[] ratios = logRatios[i];
                Arrays.setAll(out[i], t -> form.value(ratios[t], 1));
            }
        }
        return out;
    }

    /** Reward of every token: the KL, and at the last token what the whole completion is worth. */
    private double[] rewards(double whole, double[] penalty) {
        double[] out = new double[penalty.length];
        Arrays.setAll(out, t -> -kl.beta() * penalty[t]);
        out[out.length - 1] += whole;
        return out;
    }

    /** Sum from every place on, each later one times a factor. */
    private static double[] discounted(double[] values, double factor) {
        double[] out = values.clone();
        for (int t = out.length - 2; t >= 0; t--) {
            out[t] += factor * out[t + 1];
        }
        return out;
    }

    private double[] gae(double[] rewards, double[] values) {
        double[] differences = new double[rewards.length];
        Arrays.setAll(differences, t -> {
            double next = t + 1 < values.length ? values[t + 1] : 0;
            return rewards[t] + settings.gamma() * next - values[t];
        });
        return discounted(differences, settings.gamma() * settings.lambda());
    }

    private static double[][] sums(double[][] a, double[][] b) {
        double[][] out = new double[a.length][];
        for (int i = 0; i < out.length; i++) {
            int row = i;
            out[i] = new double[a[i].length];
            Arrays.setAll(out[i], t -> a[row][t] + b[row][t]);
        }
        return out;
    }

    private void whiten(double[] sequence) {
        double[] known = known(sequence);
        double mean = Moments.mean(known);
        double deviation = Moments.deviation(known) + settings.epsilon();
        Arrays.setAll(sequence, i -> sequence[i] == mean ? 0 : (sequence[i] - mean) / deviation);
    }

    private static void whiten(double[][] tokens, boolean[] trained, double[] rewards) {
        double[] all = IntStream.range(0, tokens.length)
                .filter(i -> trained[i] && !Double.isNaN(rewards[i]))
                .mapToObj(i -> tokens[i])
                .flatMapToDouble(Arrays::stream)
                .toArray();
        double mean = Moments.mean(all);
        double deviation = Math.sqrt(Moments.variance(all) + VARIANCE_EPSILON);
        for (double[] row : tokens) {
            Arrays.setAll(row, t -> row[t] == mean ? 0 : (row[t] - mean) / deviation);
        }
    }

    private static void zero(double[][] tokens, double[] rewards) {
        for (int i = 0; i < tokens.length; i++) {
            if (Double.isNaN(rewards[i])) {
                Arrays.fill(tokens[i], 0);
            }
        }
    }

    private static double mean(double[][] penalty, boolean[] trained) {
        double sum = 0;
        long tokens = 0;
        for (int i = 0; i < penalty.length; i++) {
            if (trained[i]) {
                sum += Arrays.stream(penalty[i]).sum();
                tokens += penalty[i].length;
            }
        }
        return tokens == 0 ? 0 : sum / tokens;
    }

    /** Rows of every group, {@code [groups][rows]}. */
    private static int[][] groups(RolloutBatch batch) {
        int[] group = batch.groupOfRow();
        return IntStream.range(0, batch.groups().size())
                .mapToObj(g -> IntStream.range(0, group.length)
                        .filter(i -> group[i] == g)
                        .toArray())
                .toArray(int[][]::new);
    }

    private static double[] filled(int length, double value) {
        double[] out = new double[length];
        Arrays.fill(out, value);
        return out;
    }

    static double[] known(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).toArray();
    }
}
