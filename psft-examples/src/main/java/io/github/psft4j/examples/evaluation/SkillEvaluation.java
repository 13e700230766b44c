package io.github.psft4j.examples.evaluation;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.TokenScores;
import io.github.psft4j.examples.skills.AnswerStyle;
import io.github.psft4j.examples.skills.CharacterTokenizer;
import io.github.psft4j.examples.skills.Problem;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Measures a model on fixed held-out problems: every call asks the same questions with the same sampling seed. */
public final class SkillEvaluation {

    /** Number of reports that {@link #evaluate} makes to its progress callback. */
    public static final int PARTS = Skill.values().length + 2;

    /** Longer than any answer in any style. */
    private static final int MAX_NEW_TOKENS = 14;

    /** Sequences per forward pass when answers are scored. */
    private static final int SCORING_BATCH = 50;

    private final Map<Skill, List<Problem>> problems = new EnumMap<>(Skill.class);
    private final int samples;
    private final long seed;

    /**
     * @param problemsPerSkill held-out problems per skill; addition alone has about 1,250
     * @param samples how many of the additions are also answered by sampling
     * @param seed chooses the problems and the samples
     * @throws IllegalArgumentException if more samples than problems are asked for, or more problems than there are
     */
    public SkillEvaluation(int problemsPerSkill, int samples, long seed) {
        if (samples < 1 || samples > problemsPerSkill) {
            throw new IllegalArgumentException(
                    "samples must be between 1 and the " + problemsPerSkill + " problems per skill, got " + samples);
        }
        for (Skill skill : Skill.values()) {
            problems.put(skill, SkillCorpus.heldOut(skill, problemsPerSkill, seed));
        }
        this.samples = samples;
        this.seed = seed;
    }

    /**
     * Scores the model.
     *
     * @param step the number of optimizer steps to record with the scores
     * @param progress receives the name of each of the {@link #PARTS} parts when it is done
     */
    public SkillScores evaluate(CausalLm model, int step, Consumer<String> progress) {
        Map<Skill, Measurement> accuracy = new EnumMap<>(Skill.class);
        problems.forEach((skill, list) -> {
            accuracy.put(skill, accuracy(model, list));
            progress.accept(skill.label());
        });
        List<Demonstration> targets = targets(model.tokenizer());
        List<TokenScores> scores = new Scorer(model, SCORING_BATCH).score(targets);
        Measurement nll = overTargets(targets, (i, t) -> -scores.get(i).logProbs()[t]);
        Measurement targetEntropy = overTargets(targets, (i, t) -> scores.get(i).entropies()[t]);
        progress.accept("held-out NLL");
        Measurement sampleEntropy = sampleEntropy(model);
        progress.accept("own samples");
        return new SkillScores(step, accuracy, nll, targetEntropy, sampleEntropy);
    }

    /** Negative log-likelihood of held-out additions in the new format, nats per token. */
    public Measurement nll(CausalLm model) {
        List<Demonstration> targets = targets(model.tokenizer());
        List<TokenScores> scores = new Scorer(model, SCORING_BATCH).score(targets);
        return overTargets(targets, (i, t) -> -scores.get(i).logProbs()[t]);
    }

    /** How many of {@code tries} samples at temperature 1 are right, by addition; the first {@code count} of them. */
    public int[] rightSamples(CausalLm model, int count, int tries) {
        List<Problem> additions = problems.get(Skill.ADD).subList(0, count);
        List<Problem> repeated = additions.stream()
                .flatMap(problem -> Collections.nCopies(tries, problem).stream())
                .toList();
        GenerationConfig sampling = GenerationConfig.sample(MAX_NEW_TOKENS, 1.0, seed, CharacterTokenizer.EOS_ID);
        List<GenerationResult> answers = model.generate(prompts(model.tokenizer(), repeated), sampling);
        int[] right = new int[count];
        for (int i = 0; i < answers.size(); i++) {
            String answer = model.tokenizer().decode(answers.get(i).newTokens());
            right[i / tries] += repeated.get(i).isSolvedBy(answer) ? 1 : 0;
        }
        return right;
    }

    private static Measurement accuracy(CausalLm model, List<Problem> problems) {
        GenerationConfig greedy = GenerationConfig.greedy(MAX_NEW_TOKENS, CharacterTokenizer.EOS_ID);
        List<GenerationResult> answers = model.generate(prompts(model.tokenizer(), problems), greedy);
        boolean[] solved = new boolean[problems.size()];
        for (int i = 0; i < solved.length; i++) {
            String answer = model.tokenizer().decode(answers.get(i).newTokens());
            solved[i] = problems.get(i).isSolvedBy(answer);
        }
        return Measurement.share(solved);
    }

    private Measurement sampleEntropy(CausalLm model) {
        List<Problem> additions = problems.get(Skill.ADD).subList(0, samples);
        GenerationConfig sampling = GenerationConfig.sample(MAX_NEW_TOKENS, 1.0, seed, CharacterTokenizer.EOS_ID);
        List<GenerationResult> answers = model.generate(prompts(model.tokenizer(), additions), sampling);
        double[] sums = new double[samples];
        int[] counts = new int[samples];
        for (int i = 0; i < samples; i++) {
            for (float entropy : answers.get(i).entropies()) {
                sums[i] += entropy;
                counts[i]++;
            }
        }
        return new Measurement(sums, counts);
    }

    /** The mean over trained tokens of {@code quantity(demonstration, position that predicts the token)}. */
    private static Measurement overTargets(List<Demonstration> targets, TokenQuantity quantity) {
        double[] sums = new double[targets.size()];
        int[] counts = new int[targets.size()];
        for (int i = 0; i < sums.length; i++) {
            boolean[] trained = targets.get(i).lossMask(); // [tokens]
            for (int t = 0; t < trained.length - 1; t++) {
                if (trained[t + 1]) {
                    sums[i] += quantity.at(i, t);
                    counts[i]++;
                }
            }
        }
        return new Measurement(sums, counts);
    }

    private List<Demonstration> targets(Tokenizer tokenizer) {
        return problems.get(Skill.ADD).stream()
                .map(problem -> SkillCorpus.demonstration(problem, AnswerStyle.BRACKETED, tokenizer))
                .toList();
    }

    private static List<int[]> prompts(Tokenizer tokenizer, List<Problem> problems) {
        return problems.stream()
                .map(problem -> tokenizer.encode(problem.prompt(), false))
                .toList();
    }

    private interface TokenQuantity {
        double at(int demonstration, int position);
    }
}
