package io.github.psft4j.train;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ValueHeads;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.settings.TrainerSettings;
import io.github.psft4j.train.slice.SliceWorkers;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.LmHead;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;

/** Refuses what cannot be trained. The message names it and says what to change. */
final class TrainingChecks {

    private TrainingChecks() {}

    /** A critic that is not one, and an objective whose value the model does not have. */
    static void critic(CausalLm model, TrainerSettings settings, Critic.Given critic) {
        boolean valued = settings.goal().objective().needs().value();
        if (DecoderGraph.output(model.graph()) == LmHead.Output.VALUE) {
            throw new IllegalArgumentException("a critic with a trunk of its own has no logits and is no policy; train"
                    + " the policy, and give the trainer this model as critic(...)");
        }
        if (valued && !ValueHeads.has(model)) {
            throw new IllegalArgumentException("objective "
                    + settings.goal().objective().name()
                    + " trains the value of a critic, and the model has none; train ValueHeads.shared(model)");
        }
        if (critic == null) {
            return;
        }
        if (DecoderGraph.output(critic.model().graph()) != LmHead.Output.VALUE) {
            throw new IllegalArgumentException("the critic has no value head, or has logits as well; give"
                    + " critic(ValueHeads.separate(model), objective)");
        }
        if (valued || ValueHeads.has(model)) {
            throw new IllegalArgumentException(
                    "there are two critics: one on the policy's trunk and one of its own;" + " leave one out");
        }
        if (critic.model().config().vocabSize() != model.config().vocabSize()) {
            throw new IllegalArgumentException(
                    "the critic knows " + critic.model().config().vocabSize() + " tokens, the policy "
                            + model.config().vocabSize() + "; both need the same tokenizer");
        }
    }

    /** What workers elsewhere cannot compute. */
    static void workers(CausalLm model, TrainerSettings settings, Critic.Given critic, SliceWorkers workers) {
        if (workers == null) {
            return;
        }
        TokenObjective objective = settings.goal().objective();
        if (critic != null || ValueHeads.has(model)) {
            throw new IllegalArgumentException("a critic is trained in one process only; train without workers, or"
                    + " with advantages that need no critic, such as those of GRPO");
        }
        if (objective.needs().reference()) {
            throw new IllegalArgumentException("objective " + objective.name() + " takes whole distributions of a"
                    + " reference, which are computed in one process only; train without workers, or with an objective"
                    + " that takes log-probs of the reference");
        }
        if (model.graph().params().dataType() != DataType.FLOAT) {
            throw new IllegalArgumentException("workers compute in FLOAT, the model is "
                    + model.graph().params().dataType() + "; load it in FLOAT, or train without workers");
        }
    }

    /** Batches that cut what an objective must see together. */
    static void scope(TrainerSettings settings) {
        TokenObjective objective = settings.goal().objective();
        int micro = settings.batch().microBatch();
        int mini = settings.batch().miniBatch();
        if (objective.scope() == Scope.BATCH && micro != mini) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " looks at the whole mini-batch, so microBatch must be miniBatch (" + mini + "), was " + micro);
        }
        if (objective.neighbours() == 2) {
            if (micro % 2 != 0 || mini % 2 != 0) {
                throw new IllegalArgumentException("objective " + objective.name()
                        + " trains pairs of sequences, chosen then rejected, so microBatch and miniBatch must be even;"
                        + " were " + micro + " and " + mini);
            }
            if (!settings.goal().sftWarmup().equals(WarmupSchedule.none())) {
                throw new IllegalArgumentException("objective " + objective.name()
                        + " takes no SFT warm-up, which would train the rejected sequences too");
            }
        }
        if (objective.columns().contains(Column.ADVANTAGE)
                && !settings.goal().sftWarmup().equals(WarmupSchedule.none())) {
            throw new IllegalArgumentException("objective " + objective.name()
                    + " takes no SFT warm-up, which would train completions of a negative advantage too");
        }
    }

    /** Sequences that do not fit the model or the rows. */
    static void sequences(List<Demonstration> data, TrainerSettings settings, CausalLm model) {
        if (settings.goal().objective().neighbours() == 2 && data.size() % 2 != 0) {
            throw new IllegalArgumentException("objective "
                    + settings.goal().objective().name() + " trains pairs, chosen then rejected, but there are "
                    + data.size() + " sequences");
        }
        int vocabulary = model.config().vocabSize();
        long longest = model.config().longestSequence() + 1L;
        int packing = settings.batch().packing();
        for (int i = 0; i < data.size(); i++) {
            Demonstration sequence = data.get(i);
            if (sequence == null) {
                throw new IllegalArgumentException("demonstration " + i + " is null");
            }
            int[] tokens = sequence.tokens();
            if (tokens.length > longest) {
                throw new IllegalArgumentException("demonstration " + i + " has " + tokens.length
                        + " tokens, the model takes " + longest + " (its positions + 1); shorten or drop it");
            }
            if (packing > 0 && tokens.length - 1 > packing) {
                throw new IllegalArgumentException("demonstration " + i + " takes " + (tokens.length - 1)
                        + " positions, a packed row has " + packing + "; raise packing, or shorten or drop it");
            }
            for (int t = 0; t < tokens.length; t++) {
                if (tokens[t] >= vocabulary) {
                    throw new IllegalArgumentException(
                            "demonstration " + i + ": token id " + tokens[t] + " at position "
                                    + t + " is outside the vocabulary [0, " + vocabulary
                                    + "); check that the tokenizer belongs to the model");
                }
            }
        }
    }
}
