package io.github.psft4j.examples.skills;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.text.Tokenizer;
import java.util.AbstractList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.RandomAccess;
import java.util.function.Predicate;

/**
 * The three corpora of the skill testbed. The base model is pretrained on a mixture, fine-tuned on additions, and
 * evaluated on problems. The problems never appear in the other two corpora (see {@link Problem#isHeldOut()}).
 */
public final class SkillCorpus {

    /** Draws per wanted problem before a request for distinct problems is refused. */
    private static final int MAX_DRAWS_PER_PROBLEM = 200;

    /** Pretraining sees every other skill twice as often as addition, which is to stay half learnt. */
    private static final int OTHER_SKILLS_WEIGHT = 2;

    private static final AnswerStyle[] PRETRAINING_STYLES = {AnswerStyle.DIRECT, AnswerStyle.WORKED};

    private SkillCorpus() {}

    /**
     * The pretraining mixture: all skills, direct and worked answers in equal parts. Element {@code i} is generated
     * from {@code (seed, i)} whenever it is asked for, so the corpus takes no memory whatever its size.
     */
    public static List<Demonstration> pretraining(Tokenizer tokenizer, int size, long seed) {
        return new PretrainingMixture(tokenizer, size, seed);
    }

    /**
     * Distinct additions for fine-tuning, none of them held out.
     *
     * @throws IllegalArgumentException if there are fewer such additions than {@code size}
     */
    public static List<Problem> fineTuning(int size, long seed) {
        return distinct(Skill.ADD, size, seed, problem -> !problem.isHeldOut());
    }

    /**
     * Distinct held-out problems of one skill.
     *
     * @throws IllegalArgumentException if there are fewer such problems than {@code size}
     */
    public static List<Problem> heldOut(Skill skill, int size, long seed) {
        return distinct(skill, size, seed, Problem::isHeldOut);
    }

    /** The problem and its completion in {@code style} as a demonstration; only the completion is trained. */
    public static Demonstration demonstration(Problem problem, AnswerStyle style, Tokenizer tokenizer) {
        int[] prompt = tokenizer.encode(problem.prompt(), false);
        int[] completion = tokenizer.encode(problem.completion(style), false);
        return Demonstration.of(prompt, completion);
    }

    private static List<Problem> distinct(Skill skill, int size, long seed, Predicate<Problem> filter) {
        Random random = new Random(seed);
        Map<String, Problem> byPrompt = new LinkedHashMap<>();
        for (long draw = 0; byPrompt.size() < size; draw++) {
            if (draw == (long) size * MAX_DRAWS_PER_PROBLEM) {
                throw new IllegalArgumentException("Only " + byPrompt.size() + " distinct problems of skill " + skill
                        + " after " + draw + " draws, but " + size + " are asked for: ask for fewer");
            }
            Problem problem = skill.problem(random);
            if (filter.test(problem)) {
                byPrompt.putIfAbsent(problem.prompt(), problem);
            }
        }
        return List.copyOf(byPrompt.values());
    }

    private static final class PretrainingMixture extends AbstractList<Demonstration> implements RandomAccess {
        private final Tokenizer tokenizer;
        private final int size;
        private final long seed;

        PretrainingMixture(Tokenizer tokenizer, int size, long seed) {
            this.tokenizer = tokenizer;
            this.size = size;
            this.seed = seed;
        }

        @Override
        public Demonstration get(int index) {
            Random random = new Random(mix(seed * 0x9e3779b97f4a7c15L + index));
            Skill skill = skill(random);
            Problem problem;
            do {
                problem = skill.problem(random);
            } while (problem.isHeldOut());
            AnswerStyle style = PRETRAINING_STYLES[random.nextInt(PRETRAINING_STYLES.length)];
            return demonstration(problem, style, tokenizer);
        }

        @Override
        public int size() {
            return size;
        }

        private static Skill skill(Random random) {
            Skill[] skills = Skill.values();
            int draw = random.nextInt(OTHER_SKILLS_WEIGHT * (skills.length - 1) + 1);
            return draw == 0 ? Skill.ADD : skills[1 + (draw - 1) / OTHER_SKILLS_WEIGHT];
        }

        /** The finalizer of SplitMix64: neighbouring seeds of Random give correlated first draws without it. */
        private static long mix(long z) {
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            return z ^ (z >>> 31);
        }
    }
}
