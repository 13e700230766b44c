package io.github.psft4j.rollout.source;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.Advantages;
import io.github.psft4j.rollout.advantage.Credit;
import io.github.psft4j.rollout.advantage.Moments;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MiniBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Makes macro-batches of generation batches: the common part of every source of rollouts. {@link #cut} decides which
 * rows are trained and in which mini-batches; {@link #complete} fills the advantages once the log-probs are known.
 *
 * <p>Rows without a reward are never trained. A mini-batch of which nothing is left keeps one row that is not trained,
 * so that the number of steps does not depend on rewards.
 */
public final class RolloutSteps {

    private final RolloutSettings settings;
    private final AdvantageSettings advantage;
    private final RewardKl kl;
    private final int miniBatch;
    private final Advantages advantages;

    /** @param miniBatch rows per optimizer step, positive */
    public RolloutSteps(RolloutSettings settings, AdvantageSettings advantage, RewardKl kl, int miniBatch) {
        if (miniBatch < 1) {
            throw new IllegalArgumentException("miniBatch must be positive, was " + miniBatch);
        }
        this.settings = settings;
        this.advantage = advantage;
        this.kl = kl;
        this.miniBatch = miniBatch;
        this.advantages = new Advantages(advantage, kl);
    }

    /** Columns that must be filled for every row before {@link #complete}. */
    public Set<Column> reads() {
        EnumSet<Column> columns = EnumSet.noneOf(Column.class);
        if (kl.isOn()) {
            columns.addAll(List.of(Column.OLD_LOG_PROB, Column.REF_LOG_PROB));
        }
        if (hasCritic()) {
            columns.add(Column.OLD_VALUE);
        }
        return columns;
    }

    /** The columns that {@link #complete} fills. */
    public Set<Column> fills() {
        return hasCritic() ? Set.of(Column.ADVANTAGE, Column.RETURN) : Set.of(Column.ADVANTAGE);
    }

    private boolean hasCritic() {
        return advantage.credit() == Credit.GAE;
    }

    /** Optimizer steps on a batch of so many rows. */
    public int steps(int rows) {
        return settings.iterations() * ((rows + miniBatch - 1) / miniBatch);
    }

    /** All settings that decide what a batch is trained on, as text, for fingerprints. */
    public String describe() {
        return settings + " " + advantage + " " + kl + " miniBatch=" + miniBatch;
    }

    /**
     * The mini-batches of a batch, every iteration in the order of its rows.
     *
     * @param numbers number of every row's sequence, {@code [rows]}
     * @param epoch pass over the prompts, from 1
     * @param macroStep batch since the start of the run, from 1
     */
    public MacroBatch cut(RolloutBatch batch, int[] numbers, int epoch, int macroStep) {
        List<Rollout> rows = batch.rollouts();
        boolean[] trained = trained(batch);
        boolean masked = settings.truncated() == Truncated.MASKED;
        boolean[] counted = masked ? trained(batch, true) : trained;
        MiniBatch.Counting counting = masked ? MiniBatch.Counting.ALL : MiniBatch.Counting.TRAINED;
        List<MiniBatch> minis = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += miniBatch) {
            int[] places = present(counted, from, Math.min(from + miniBatch, rows.size()));
            List<Demonstration> sequences = Arrays.stream(places)
                    .mapToObj(i ->
                            trained[i] ? rows.get(i).sequence() : rows.get(i).untrained())
                    .toList();
            int[] known = Arrays.stream(places).map(i -> numbers[i]).toArray();
            minis.add(new MiniBatch(epoch, macroStep, known, sequences, counting));
        }
        List<MiniBatch> all = new ArrayList<>();
        for (int i = 0; i < settings.iterations(); i++) {
            all.addAll(minis);
        }
        return new MacroBatch(all);
    }

    /** Rows of a mini-batch that take part, trained or only counted; the first one if there is none. */
    private static int[] present(boolean[] counted, int from, int to) {
        int[] rows = IntStream.range(from, to).filter(i -> counted[i]).toArray();
        return rows.length > 0 ? rows : new int[] {from};
    }

    /** Which rows are trained. */
    public boolean[] trained(RolloutBatch batch) {
        return trained(batch, settings.truncated() == Truncated.KEPT);
    }

    private boolean[] trained(RolloutBatch batch, boolean alsoTruncated) {
        boolean[] out = new boolean[batch.size()];
        int row = 0;
        for (RolloutGroup group : batch.groups()) {
            boolean taught = settings.equalGroups() == EqualGroups.KEPT || !group.dead();
            for (int i = 0; i < group.size(); i++) {
                boolean whole = alsoTruncated || !group.rollouts().get(i).truncated();
                out[row++] = taught && whole && !Double.isNaN(group.rewards()[i]);
            }
        }
        return out;
    }

    /**
     * Fills advantages and measures of a macro-batch that {@link #cut} made of this batch, whose log-probs are known.
     * Batches come in their order; values of a checkpoint are kept.
     */
    public void complete(MacroBatch macro, RolloutBatch batch, int[] numbers) {
        boolean[] trained = trained(batch);
        List<Rollout> rows = batch.rollouts();
        double[][] logRatios = kl.isOn() ? logRatios(macro, rows, numbers, trained) : null;
        double[][] values = hasCritic() ? values(macro, rows, numbers) : null;
        Advantages.Result result = advantages.of(penalised(batch), trained, logRatios, values);
        fill(macro.column(Column.ADVANTAGE), rows, numbers, result.tokens());
        if (hasCritic()) {
            fill(macro.column(Column.RETURN), rows, numbers, result.returns());
        }
        measure(macro, batch, result);
        if (hasCritic()) {
            macro.measures().put("explained_variance", explained(trained, values, result.returns()));
        }
    }

    private static void fill(Map<Integer, double[]> column, List<Rollout> rows, int[] numbers, double[][] values) {
        for (int i = 0; i < rows.size(); i++) {
            column.putIfAbsent(numbers[i], padded(rows.get(i), values[i]));
        }
    }

    /** The batch with the rewards that are trained on: lower where a completion does not end. */
    private RolloutBatch penalised(RolloutBatch batch) {
        double penalty = settings.missingEosPenalty();
        return penalty == 0
                ? batch
                : new RolloutBatch(batch.groups().stream()
                        .map(g -> g.withRewards(IntStream.range(0, g.size())
                                .mapToDouble(i ->
                                        g.rewards()[i] - (g.rollouts().get(i).finish() == Finish.END ? 0 : penalty))
                                .toArray()))
                        .toList());
    }

    /** What the critic expected before the tokens of every completion; 0 where it was not asked. */
    private static double[][] values(MacroBatch macro, List<Rollout> rows, int[] numbers) {
        double[][] out = new double[rows.size()][];
        for (int i = 0; i < out.length; i++) {
            double[] all = macro.column(Column.OLD_VALUE).get(numbers[i]);
            int from = rows.get(i).prompt().length - 1;
            int length = rows.get(i).completion().length;
            out[i] = all == null ? new double[length] : Arrays.copyOfRange(all, from, from + length);
        }
        return out;
    }

    /** Share of the variance of the returns that the critic foresaw; NaN where they are all equal. */
    private static double explained(boolean[] trained, double[][] values, double[][] returns) {
        double[] errors = tokens(trained, (row, t) -> returns[row][t] - values[row][t], returns);
        double[] all = tokens(trained, (row, t) -> returns[row][t], returns);
        double variance = Moments.variance(all);
        return variance == 0 ? Double.NaN : 1 - Moments.variance(errors) / variance;
    }

    private interface OfToken {
        double at(int row, int t);
    }

    private static double[] tokens(boolean[] trained, OfToken value, double[][] shape) {
        return IntStream.range(0, shape.length)
                .filter(row -> trained[row])
                .boxed()
                .flatMapToDouble(row -> IntStream.range(0, shape[row].length).mapToDouble(t -> value.at(row, t)))
                .toArray();
    }

    /** What is carried from batch to batch: {@link Advantages#average}. */
    public double average() {
        return advantages.average();
    }

    /** Goes on with what was carried in an interrupted run. */
    public void restore(double average) {
        advantages.restore(average);
    }

    /** Passes over a batch that was trained before the run was resumed. */
    public void skip(RolloutBatch batch) {
        advantages.skip(penalised(batch));
    }

    private static double[][] logRatios(MacroBatch macro, List<Rollout> rows, int[] numbers, boolean[] trained) {
        double[][] out = new double[rows.size()][];
        for (int i = 0; i < out.length; i++) {
            if (trained[i]) {
                double[] old = macro.column(Column.OLD_LOG_PROB).get(numbers[i]);
                double[] reference = macro.column(Column.REF_LOG_PROB).get(numbers[i]);
                if (old == null || reference == null) {
                    throw new IllegalStateException("completion " + i + " of the batch has no finite log-prob, which"
                            + " the KL in its reward needs; lower the learning rate");
                }
                int prompt = rows.get(i).prompt().length;
                out[i] = new double[rows.get(i).completion().length];
                Arrays.setAll(out[i], t -> old[prompt - 1 + t] - reference[prompt - 1 + t]);
            }
        }
        return out;
    }

    /** From {@code [completion]} to {@code [length - 1]}, where element t belongs to token t + 1. */
    private static double[] padded(Rollout row, double[] ofCompletion) {
        double[] out = new double[row.prompt().length + ofCompletion.length - 1];
        System.arraycopy(ofCompletion, 0, out, row.prompt().length - 1, ofCompletion.length);
        return out;
    }

    private void measure(MacroBatch macro, RolloutBatch batch, Advantages.Result result) {
        double[] rewards =
                Arrays.stream(batch.rewards()).filter(r -> !Double.isNaN(r)).toArray();
        double[] baselines =
                Arrays.stream(result.baselines()).filter(b -> !Double.isNaN(b)).toArray();
        double[] means =
                Arrays.stream(result.tokens()).mapToDouble(Moments::mean).toArray();
        List<Rollout> rows = batch.rollouts();
        Map<String, Double> out = macro.measures();
        out.put("reward", Moments.mean(rewards));
        out.put("reward_std", Moments.deviation(rewards));
        out.put("dead_groups", share(batch.groups(), RolloutGroup::dead));
        out.put(
                "completion_length",
                rows.stream().mapToInt(row -> row.completion().length).average().orElseThrow());
        out.put("truncated", share(rows, Rollout::truncated));
        out.put("baseline", Moments.mean(baselines));
        out.put("advantage_std", Moments.deviation(means));
        if (kl.isOn()) {
            out.put("reward_" + kl.kl().label(), result.kl());
        }
    }

    private static <T> double share(List<T> all, Predicate<T> which) {
        return (double) all.stream().filter(which).count() / all.size();
    }
}
