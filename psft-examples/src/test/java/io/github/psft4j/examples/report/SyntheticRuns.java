package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.train.StepMetrics;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Comparisons with made-up numbers. */
final class SyntheticRuns {

    private static final int PROBLEMS = 200;
    private static final int STEPS = 40;

    private SyntheticRuns() {}

    /** Final results of one run. */
    record Outcome(double addition, double others, double nll, double entropy, double gradNorm, double clipFraction) {}

    static RunComparison comparison(Outcome sft, Outcome psft) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("learning rate", "0.0003");
        settings.put("model", "a <b> & \"c\"");
        return new RunComparison(
                run("SFT", sft),
                run("PSFT", psft),
                new RunComparison.Speeds(18246, 15803),
                settings,
                Map.of("Java", "17"));
    }

    static RunHistory run(String name, Outcome outcome) {
        List<StepMetrics> steps = new ArrayList<>();
        for (int step = 1; step <= STEPS; step++) {
            steps.add(metrics(step, outcome));
        }
        Outcome base = new Outcome(0.7, 0.96, 1.2, 0.4, 0, 0);
        Outcome middle = new Outcome(0.75, 0.8, 0.115, 0.1, 0, 0);
        List<SkillScores> scores = List.of(scores(0, base), scores(STEPS / 2, middle), scores(STEPS, outcome));
        return new RunHistory(name, steps, scores, 8);
    }

    private static SkillScores scores(int step, Outcome outcome) {
        Map<Skill, Measurement> accuracy = new EnumMap<>(Skill.class);
        for (Skill skill : Skill.values()) {
            accuracy.put(skill, share(skill == Skill.ADD ? outcome.addition() : outcome.others()));
        }
        return new SkillScores(
                step, accuracy, perToken(outcome.nll()), perToken(outcome.entropy()), perToken(outcome.entropy()));
    }

    private static Measurement share(double share) {
        boolean[] solved = new boolean[PROBLEMS];
        for (int i = 0; i < Math.round(share * PROBLEMS); i++) {
            solved[i] = true;
        }
        return Measurement.share(solved);
    }

    private static Measurement perToken(double mean) {
        double[] sums = new double[PROBLEMS];
        int[] counts = new int[PROBLEMS];
        for (int i = 0; i < PROBLEMS; i++) {
            counts[i] = 8 + i % 3;
            sums[i] = mean * counts[i] * (1 + 0.1 * Math.sin(i));
        }
        return new Measurement(sums, counts);
    }

    private static StepMetrics metrics(int step, Outcome outcome) {
        double clip = (step - 1) % 8 == 0 ? 0 : outcome.clipFraction();
        double nll = outcome.nll() * (1 + 3.0 / step);
        return new StepMetrics(
                new StepMetrics.Position(step, (step - 1) / 8 + 1, 1),
                "o",
                new LossReport(nll, nll, 0.1, 1, clip, 0, 1, 300),
                outcome.gradNorm(),
                3e-4,
                9000,
                0);
    }
}
