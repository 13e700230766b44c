package io.github.psft4j.rollout.sample;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.flight.RolloutEvent;
import io.github.psft4j.io.Sha256;
import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.Sampling;
import io.github.psft4j.reward.RewardStatistics;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.train.source.MacroBatch;
import io.github.psft4j.train.source.MacroBatchSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples of the policy itself: prompts in, each answered several times, rewarded, and given advantages. A macro-batch
 * is one such rollout.
 *
 * <p>Prompts come in the order of seed and epoch, and each sample has a seed of its own. A resumed run therefore draws
 * what the straight run draws; a checkpoint holds the rollout that is being trained.
 *
 * <p>It is a listener of its own run, too: it compares the log-probs of the sampler with those of the trainer, and
 * closes the rewards at the end.
 */
public final class RolloutSource implements MacroBatchSource, TokenListener {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutSource.class);

    private final List<Prompt> prompts;
    private final SamplingSettings settings;
    private final Rewards rewards;
    private final RolloutSteps steps;
    private final List<RolloutListener> listeners;
    private final RolloutSampler sampler;
    private final PromptStream stream;
    private final int promptsPerRollout;
    private final String fingerprint;
    private final SamplerMismatch mismatch = new SamplerMismatch();
    private MacroBatch macro = new MacroBatch(List.of());
    private RolloutBatch batch; // of the macro-batch; null before the first
    private double averageBefore = Double.NaN; // moving average of rewards before the macro-batch
    private int epoch; // of the macro-batch
    private int macroSteps;
    private RolloutDraw shown; // whose record is still to be told; null without one
    private int given; // mini-batches of all macro-batches so far

    /**
     * @param prompts at least one
     * @param rewards are closed with the run
     * @param steps makes mini-batches and advantages
     * @param sequences samples of a rollout, a multiple of the group size
     * @param order of the prompts; its seed is that of the samples as well
     * @param listeners are shown every rollout
     * @throws IllegalArgumentException if there are no prompts, or the sequences are no whole groups
     */
    public RolloutSource(
            List<Prompt> prompts,
            SamplingSettings settings,
            Rewards rewards,
            RolloutSteps steps,
            int sequences,
            DataOrder order,
            List<RolloutListener> listeners) {
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException("there are no prompts to sample");
        }
        if (sequences < 1 || sequences % settings.groupSize() != 0) {
            throw new IllegalArgumentException("macroBatch must be a multiple of groupSize (" + settings.groupSize()
                    + "), because samples of a prompt stay together, was " + sequences);
        }
        this.prompts = List.copyOf(prompts);
        this.settings = settings;
        this.rewards = rewards;
        this.steps = steps;
        this.listeners = List.copyOf(listeners);
        this.sampler = new RolloutSampler(this.prompts, settings, rewards, order.seed());
        this.stream = new PromptStream(this.prompts.size(), order);
        this.promptsPerRollout = sequences / settings.groupSize();
        this.fingerprint = fingerprint(sequences);
        if (settings.temperature() != 1) {
            LOG.info("log-probs, entropies and ratios are those of logits / {}", settings.temperature());
        }
    }

    @Override
    public boolean samples() {
        return true;
    }

    @Override
    public void sampleBy(Sampling sampling) {
        sampler.sampleBy(sampling);
    }

    @Override
    public MacroBatch next(CausalLm policy, int left) {
        long start = System.nanoTime();
        RolloutEvent event = new RolloutEvent();
        event.begin();
        RolloutDraw draw = RolloutDraw.of(policy, sampler, stream, settings, promptsPerRollout);
        macroSteps++;
        epoch = draw.groups().get(0).epoch() + 1;
        batch = new RolloutBatch(draw.groups().stream().map(SampledGroup::group).toList());
        averageBefore = steps.average();
        macro = steps.cut(batch, numbers(), epoch, macroSteps);
        measure(draw, (System.nanoTime() - start) / 1e9);
        event.macroStep = macroSteps;
        event.samples = (draw.groups().size() + draw.replaced()) * settings.groupSize();
        event.tokens =
                batch.rollouts().stream().mapToLong(r -> r.completion().length).sum();
        event.commit();
        mismatch.start(batch);
        shown = draw;
        return macro;
    }

    @Override
    public void complete(MacroBatch filled) {
        if (batch == null) {
            return; // between two rollouts
        }
        steps.complete(filled, batch, numbers());
        if (shown != null) {
            RolloutRecord record = RolloutRecords.of(given + 1, macroSteps, epoch, filled, shown.groups(), prompts);
            given += filled.miniBatches().size();
            shown = null;
            tell(record);
        }
    }

    /** Without an interrupt on the thread, which would close the files that listeners write to. */
    private void tell(RolloutRecord record) {
        boolean interrupted = Thread.interrupted();
        try {
            listeners.forEach(listener -> listener.onRollout(record));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public Set<Column> reads() {
        return steps.reads();
    }

    private int[] numbers() {
        return IntStream.range(0, batch.size()).toArray();
    }

    private void measure(RolloutDraw draw, double seconds) {
        Map<String, Double> measures = macro.measures();
        measures.putAll(draw.measures());
        List<String> names = rewards.names();
        for (int f = 0; f < names.size(); f++) {
            RewardStatistics statistics = RewardStatistics.of(draw.values(f));
            measures.put("reward_" + names.get(f), statistics.mean());
            measures.put("reward_" + names.get(f) + "_std", statistics.deviation());
        }
        measures.put("rollout_seconds", seconds);
    }

    /** Compares the sampler's log-probs with the trainer's at the weights that were sampled. */
    @Override
    public void onTokens(TrainedTokens tokens) {
        mismatch.add(tokens);
        macro.measures().putAll(mismatch.measures());
    }

    @Override
    public void onStep(StepMetrics metrics) {
        mismatch.endStep();
    }

    @Override
    public void close() {
        rewards.close();
    }

    @Override
    public String state() {
        boolean between = macro.miniBatches().isEmpty();
        double average = between ? steps.average() : averageBefore;
        RolloutState.Position at = new RolloutState.Position(stream.position(), macroSteps, epoch);
        return RolloutState.of(at, average, macro.measures(), between ? null : batch)
                .text();
    }

    @Override
    public MacroBatch resume(int trained, int left, String state) {
        RolloutState saved = RolloutState.read(state);
        stream.moveTo(saved.at().prompts());
        macroSteps = saved.at().macroSteps();
        epoch = saved.at().epoch();
        averageBefore = saved.average() == null ? Double.NaN : saved.average();
        steps.restore(averageBefore);
        given = trained + left;
        batch = saved.batch(prompts);
        macro = new MacroBatch(List.of());
        if (batch != null) {
            macro = steps.cut(batch, numbers(), epoch, macroSteps);
            while (macro.miniBatches().size() > left) {
                macro.miniBatches().remove();
            }
            macro.measures().putAll(saved.measures());
            mismatch.resume(batch);
        }
        return macro;
    }

    @Override
    public MacroBatch resume(int trained, int left) {
        return resume(trained, left, null);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    private String fingerprint(int sequences) {
        Sha256 sha = new Sha256();
        for (Prompt prompt : prompts) {
            ByteBuffer ids = ByteBuffer.allocate(Integer.BYTES * prompt.ids().length);
            ids.asIntBuffer().put(prompt.ids());
            sha.add(ids.array());
            sha.add(prompt.columns().toString().getBytes(StandardCharsets.UTF_8));
        }
        String text = settings + " " + sequences + " " + rewards.describe() + " " + steps.describe();
        return sha.add(text.getBytes(StandardCharsets.UTF_8)).hex();
    }

    @Override
    public boolean sharesPrompts() {
        return true;
    }

    @Override
    public Set<Column> fills() {
        return steps.fills();
    }

    @Override
    public double temperature() {
        return settings.temperature();
    }

    @Override
    public int stepsPerEpoch() {
        int sequences = promptsPerRollout * settings.groupSize();
        return macroStepsPerEpoch() * steps.steps(sequences);
    }

    @Override
    public int macroStepsPerEpoch() {
        return (prompts.size() + promptsPerRollout - 1) / promptsPerRollout;
    }

    @Override
    public int longestSequence() {
        return prompts.stream().mapToInt(p -> p.ids().length).max().orElse(0) + settings.maxNewTokens();
    }

    @Override
    public List<Demonstration> sequences() {
        return List.of();
    }
}
