package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.skills.CharacterTokenizer;
import io.github.psft4j.examples.skills.Problem;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.io.Shown;
import io.github.psft4j.losses.preference.DpoMixObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingSummary;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * DPO on the additions of the testbed. The model answers each several times. Every right answer and every wrong one to
 * the same addition make a pair; answers that were drawn twice count once.
 *
 * @param losses of {@link DpoMixObjective}
 * @param beta strength of the reference
 * @param prompts additions that are answered
 * @param samples answers to each
 * @param batch pairs of an optimizer step
 * @param epochs passes over the pairs
 * @param learningRate peak
 */
record SkillPairs(String losses, double beta, int prompts, int samples, int batch, int epochs, double learningRate) {

    private static final int MAX_NEW_TOKENS = 14;
    private static final int WARMUP = 10;

    SkillPairs {
        if (prompts < 1 || samples < 2 || batch < 1 || epochs < 1) {
            throw new IllegalArgumentException(
                    "--prompts, --batch and --epochs are 1 or more and --samples 2 or more, got " + prompts + ", "
                            + batch + ", " + epochs + " and " + samples);
        }
    }

    /** The answers of {@code model}: chosen and rejected in turn. */
    List<Demonstration> draw(CausalLm model, long seed) {
        List<Problem> asked = SkillCorpus.fineTuning(prompts, seed);
        List<int[]> questions = asked.stream()
                .map(problem -> model.tokenizer().encode(problem.prompt(), false))
                .toList();
        List<int[]> repeated = new ArrayList<>();
        questions.forEach(question -> repeated.addAll(Collections.nCopies(samples, question)));
        List<GenerationResult> answers =
                model.generate(repeated, GenerationConfig.sample(MAX_NEW_TOKENS, 1.0, seed, CharacterTokenizer.EOS_ID));
        List<Demonstration> pairs = new ArrayList<>();
        for (int p = 0; p < asked.size(); p++) {
            Map<String, int[]> right = new LinkedHashMap<>();
            Map<String, int[]> wrong = new LinkedHashMap<>();
            for (GenerationResult answer : answers.subList(p * samples, (p + 1) * samples)) {
                String text = model.tokenizer().decode(answer.newTokens());
                (asked.get(p).isSolvedBy(text) ? right : wrong).put(text, answer.newTokens());
            }
            for (int[] chosen : right.values()) {
                for (int[] rejected : wrong.values()) {
                    pairs.add(Demonstration.of(questions.get(p), chosen));
                    pairs.add(Demonstration.of(questions.get(p), rejected));
                }
            }
        }
        return pairs;
    }

    /** The pairs as rows of a file that {@code psft train} reads. */
    static List<String> rows(CausalLm model, List<Demonstration> pairs) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            String chosen = model.tokenizer().decode(pairs.get(i).tokens());
            String rejected = model.tokenizer().decode(pairs.get(i + 1).tokens());
            int answer = chosen.indexOf('=') + 1;
            rows.add(Shown.format(
                    "{\"prompt\": \"%s\", \"chosen\": \"%s\", \"rejected\": \"%s\"}",
                    chosen.substring(0, answer), chosen.substring(answer), rejected.substring(answer)));
        }
        return rows;
    }

    /** Optimizer steps on so many answers. */
    int steps(int sequences) {
        return epochs * ((sequences / 2 + batch - 1) / batch);
    }

    /** Trains {@code model} in place; it is the reference as it is now. */
    TrainingSummary train(CausalLm model, List<Demonstration> pairs, long seed, TrainerListener listener) {
        return PsftTrainer.builder(model)
                .objective(new DpoMixObjective(losses, beta, 0))
                .macroBatch(2 * batch)
                .miniBatch(2 * batch)
                .lengthGrouping(true)
                .learningRate(learningRate)
                .schedule(LearningRateSchedule.LINEAR)
                .warmupSteps(WARMUP)
                .weightDecay(0)
                .epochs(epochs)
                .seed(seed)
                .listener(listener)
                .build()
                .fit(pairs);
    }
}
