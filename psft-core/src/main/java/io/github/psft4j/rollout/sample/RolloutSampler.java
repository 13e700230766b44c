package io.github.psft4j.rollout.sample;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.Sampling;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardTable;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import io.github.psft4j.transformer.generation.SampleSeeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Samples of prompts under a policy, with their rewards. */
final class RolloutSampler {

    private final List<Prompt> prompts;
    private final SamplingSettings settings;
    private final Rewards rewards;
    private final long seed;
    private Sampling sampling = CausalLm::sample;

    RolloutSampler(List<Prompt> prompts, SamplingSettings settings, Rewards rewards, long seed) {
        this.prompts = prompts;
        this.settings = settings;
        this.rewards = rewards;
        this.seed = seed;
    }

    /** Says where samples are drawn from now on. */
    void sampleBy(Sampling where) {
        sampling = where;
    }

    /** One group for each prompt, in their order. */
    List<SampledGroup> sample(CausalLm policy, List<PromptStream.Drawn> drawn) {
        if (policy.tokenizer() == null) {
            throw new IllegalStateException("rewards read texts, and the model has no tokenizer.json");
        }
        List<int[]> ids = drawn.stream().map(d -> prompts.get(d.number()).ids()).toList();
        List<long[]> seeds = drawn.stream()
                .map(d -> SampleSeeds.of(seed, d.epoch(), d.number(), settings.groupSize()))
                .toList();
        List<GenerationResult> results = sampling.sample(policy, ids, seeds, generation(policy));
        List<RewardSample> samples = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Prompt prompt = prompts.get(drawn.get(i / settings.groupSize()).number());
            samples.add(new RewardSample(
                    prompt.value(),
                    results.get(i).text(),
                    results.get(i).logProbs().length,
                    finish(results.get(i)) == Finish.LENGTH,
                    prompt.columns()));
        }
        RewardTable table = score(samples);
        List<SampledGroup> groups = new ArrayList<>();
        for (int g = 0; g < drawn.size(); g++) {
            groups.add(group(drawn.get(g), results, table, g * settings.groupSize()));
        }
        return groups;
    }

    private GenerationConfig generation(CausalLm policy) {
        return GenerationConfig.builder()
                .maxNewTokens(settings.maxNewTokens())
                .temperature(settings.temperature())
                .topK(settings.topK())
                .topP(settings.topP())
                .minP(settings.minP())
                .stopStrings(settings.stopStrings().toArray(String[]::new))
                .stopIds(ends(policy).stream().mapToInt(Integer::intValue).toArray())
                .build();
    }

    /** What the model's files name, or else the tokenizer. */
    private static Set<Integer> ends(CausalLm policy) {
        return policy.endOfSequenceIds().isEmpty() ? policy.tokenizer().stopTokenIds() : policy.endOfSequenceIds();
    }

    /** An interrupt asks the run to end after its step, which needs its rewards: they are asked for once more. */
    private RewardTable score(List<RewardSample> samples) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return rewards.score(samples);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private SampledGroup group(PromptStream.Drawn drawn, List<GenerationResult> results, RewardTable table, int first) {
        Prompt prompt = prompts.get(drawn.number());
        int n = settings.groupSize();
        List<Rollout> rollouts = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        double[] totals = new double[n];
        double[] entropies = new double[n];
        for (int i = 0; i < n; i++) {
            GenerationResult result = results.get(first + i);
            double[] logProbs = new double[result.logProbs().length];
            for (int t = 0; t < logProbs.length; t++) {
                logProbs[t] = result.logProbs()[t];
                entropies[i] += result.entropies()[t] / logProbs.length;
            }
            rollouts.add(new Rollout(prompt.ids(), result.newTokens(), finish(result), logProbs));
            texts.add(result.text());
            RewardValue total = table.totals().get(first + i);
            totals[i] = total.isNumber() ? total.value() : Double.NaN;
        }
        RolloutGroup group = new RolloutGroup(drawn.number(), prompt.columns(), rollouts, totals);
        return new SampledGroup(drawn.epoch(), group, texts, entropies, table, first);
    }

    private static Finish finish(GenerationResult result) {
        return switch (result.finish()) {
            case STOP_ID -> Finish.END;
            case STOP_STRING -> Finish.STOP;
            case LENGTH -> Finish.LENGTH;
            case CANCELLED -> throw new IllegalStateException("nothing cancels a sample");
        };
    }
}
