package io.github.psft4j.cli.train;

import io.github.psft4j.cli.input.DataSettings;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.RewardSection;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Run;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.sample.Prompt;
import io.github.psft4j.rollout.sample.PromptFiles;
import io.github.psft4j.rollout.sample.RolloutListener;
import io.github.psft4j.rollout.sample.RolloutSource;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.source.DataOrder;
import java.util.List;

/** A configuration as a source of rollouts. */
final class RolloutSetup {

    private final RunConfig config;
    private final List<Prompt> prompts;

    private RolloutSetup(RunConfig config, List<Prompt> prompts) {
        this.config = config;
        this.prompts = prompts;
    }

    /** Reads the prompts. */
    static RolloutSetup read(RunConfig config, ModelFiles files, Tokenizer tokenizer, ChatTemplate template) {
        if (tokenizer == null) {
            throw new RefusedException(
                    "rewards read texts, and the model has no tokenizer.json; add it to the model's" + " directory");
        }
        Data data = config.get(Data.class);
        SamplingSettings rollout = config.get(SamplingSettings.class);
        int longest = data.maxLength() - rollout.maxNewTokens();
        if (longest < 1) {
            throw new RefusedException("rollout.max_new_tokens (" + rollout.maxNewTokens()
                    + ") leaves no room for a prompt: data.max_length, by default what the model takes, is "
                    + data.maxLength() + "; lower rollout.max_new_tokens");
        }
        int packing = config.get(Batch.class).packing();
        List<Prompt> prompts = PromptFiles.read(DataSettings.of(data, data.train()), longest, tokenizer, template);
        int most = prompts.stream().mapToInt(p -> p.ids().length).max().orElseThrow() + rollout.maxNewTokens() - 1;
        if (packing > 0 && packing < most) {
            throw new RefusedException("batch.packing (" + packing + ") must be at least the longest prompt and"
                    + " rollout.max_new_tokens together, " + most + "; raise it, or leave it out");
        }
        if (files.endOfSequence().isEmpty()) {
            throw new RefusedException("the model names no end of sequence, so every sample would be cut off at"
                    + " rollout.max_new_tokens; add eos_token_id to config.json or generation_config.json");
        }
        return new RolloutSetup(config, prompts);
    }

    /** Tokens of the longest prompt with the longest sample. */
    int longest() {
        return prompts.stream().mapToInt(p -> p.ids().length).max().orElseThrow()
                + config.get(SamplingSettings.class).maxNewTokens();
    }

    String described() {
        int longest = prompts.stream().mapToInt(p -> p.ids().length).max().orElseThrow();
        long different =
                prompts.stream().map(p -> p.value().toString()).distinct().count();
        return prompts.size() + " prompts, the longest of " + longest + " tokens"
                + (different < prompts.size() ? "; only " + different + " different ones" : "");
    }

    RolloutSource source(List<RolloutListener> listeners) {
        Data data = config.get(Data.class);
        return new RolloutSource(
                prompts,
                config.get(SamplingSettings.class),
                config.get(RewardSection.class).rewards(),
                new RolloutSteps(
                        config.get(RolloutSettings.class),
                        config.get(AdvantageSettings.class),
                        config.get(RewardKl.class),
                        config.get(Batch.class).miniBatch()),
                config.get(Batch.class).macroBatch(),
                new DataOrder(data.shuffle(), config.get(Run.class).seed(), 1),
                listeners);
    }
}
