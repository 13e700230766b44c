package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.report.AfterRun;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What SFT or PSFT is worth before reinforcement learning; its runs are made by AfterFineTuning. */
final class RlStudy implements Study {

    private static final List<String> METHODS = List.of("grpo", "rloo", "dpo");
    private static final List<String> STARTS = List.of("base", "sft", "psft");
    private static final double GOAL = 0.9;

    @Override
    public String name() {
        return "rl-transfer";
    }

    @Override
    public String question() {
        return "Before reinforcement learning";
    }

    @Override
    public List<Trial> trials() {
        return List.of();
    }

    @Override
    public int seeds() {
        return 5;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        List<AfterRun> runs = files.afterFineTuning();
        Verdict task = new Verdict("From PSFT more of the trained skill is reached than from SFT");
        Verdict others = new Verdict("From PSFT more of the other skills is left than from SFT");
        Verdict base = new Verdict("From PSFT more of the trained skill is reached than from the base model");
        for (String method : METHODS) {
            when(task, runs, method, "sft", run -> run.last().additions());
            when(others, runs, method, "sft", run -> run.last().otherSkills());
            when(base, runs, method, "base", run -> run.last().additions());
        }
        List<Verdict> verdicts = List.of(task, others, base);
        List<String> advice = List.of(advice(base), advice(task));
        Page page = new Page("What SFT or PSFT is worth before reinforcement learning")
                .paragraph("**Claim** (arXiv 2508.17784, Tables 2 and 3, Figures 4 and 5): from a PSFT checkpoint GRPO"
                        + " gets further than from an SFT checkpoint, in domain (53.31 against 52.40, Qwen2.5-7B) and"
                        + " more so out of domain (64.06 against 59.90).")
                .paragraph("**Metric, fixed before the runs**: unseen additions and other skills solved after the last"
                        + " update. Beside it: updates until 90 % of the additions are solved.")
                .paragraph("**Expected before the runs**: no difference between the two starts, because both forgot"
                        + " about as much; both below the base model in the other skills.")
                .section("Verdict")
                .items(verdicts.stream().map(Verdict::sentence).toList())
                .section("What to do")
                .items(advice)
                .section("Results")
                .paragraph("The runs are those of [after fine-tuning](../after-fine-tuning.md), where the settings"
                        + " stand. Brackets: intervals of 95 %, bootstrap over seeds; the answers to single problems"
                        + " were not kept. Checkpoints were trained for 480 steps at 3e-4. Starts at the best rate of"
                        + " each method and at equal NLL, pass@k and entropy were not measured.")
                .table(
                        List.of("method", "from", "seeds", "unseen additions", "other skills", "updates to 90 %"),
                        rows(runs));
        List<String> missing = missing(runs);
        if (!missing.isEmpty()) {
            page.paragraph("Not run, or with one seed alone: " + String.join(", ", missing) + ".");
        }
        page.section("Again")
                .paragraph("The first command makes the runs that are missing, the second this page from"
                        + " `docs/after-fine-tuning.json`:")
                .code("java -cp \"psft-examples/target/psft/lib/*\" io.github.psft4j.examples.AfterFineTuning")
                .code(Settings.command("--pages"));
        return new Result(
                page.toString(),
                List.of(),
                List.of(
                        Tables.claim("After GRPO in domain PSFT 53.31, SFT 52.40 (Table 2)", task),
                        Tables.claim("After GRPO out of domain PSFT 64.06, SFT 59.90 (Table 2)", others)),
                advice);
    }

    private static String advice(Verdict verdict) {
        return switch (verdict.kind()) {
            case NOT_RUN -> "Whether \"" + verdict.lowered() + "\" was not measured: no advice.";
            case HOLDS -> "Rely on it here: " + verdict.lowered() + ".";
            case DEPENDS -> "It depends: " + verdict.lowered() + " only " + String.join(", ", verdict.holding()) + ".";
            case NOT_SHOWN, CONTRADICTED -> "Do not rely on it: \"" + verdict.lowered() + "\" " + verdict.kind() + ".";
        };
    }

    /** Adds PSFT - other of a method, if both have two seeds in common. */
    private static void when(
            Verdict verdict, List<AfterRun> all, String method, String other, ToDoubleFunction<AfterRun> value) {
        List<AfterRun> psft = new ArrayList<>(of(all, method, "psft"));
        List<AfterRun> against = new ArrayList<>(of(all, method, other));
        psft.removeIf(run -> against.stream().noneMatch(o -> o.seed() == run.seed()));
        against.removeIf(run -> psft.stream().noneMatch(o -> o.seed() == run.seed()));
        if (psft.size() > 1) {
            double[][] a = values(psft, value);
            double[][] b = values(against, value);
            verdict.when(
                    "with " + method.toUpperCase(Locale.ROOT),
                    Resampling.estimate(a.length, draw -> draw.mean(a) - draw.mean(b)));
        }
    }

    private static double[][] values(List<AfterRun> runs, ToDoubleFunction<AfterRun> value) {
        return runs.stream().map(run -> new double[] {value.applyAsDouble(run)}).toArray(double[][]::new);
    }

    private static List<AfterRun> of(List<AfterRun> runs, String method, String start) {
        return runs.stream()
                .filter(run -> run.method().equals(method) && run.start().equals(start))
                .sorted(Comparator.comparingLong(AfterRun::seed))
                .toList();
    }

    private static List<List<String>> rows(List<AfterRun> all) {
        List<List<String>> rows = new ArrayList<>();
        for (String method : METHODS) {
            for (String start : STARTS) {
                List<AfterRun> runs = of(all, method, start);
                if (!runs.isEmpty()) {
                    rows.add(List.of(
                            method,
                            start,
                            String.valueOf(runs.size()),
                            shown(runs, run -> run.last().additions()),
                            shown(runs, run -> run.last().otherSkills()),
                            toGoal(runs)));
                }
            }
        }
        return rows;
    }

    private static String shown(List<AfterRun> runs, ToDoubleFunction<AfterRun> value) {
        double[][] values = values(runs, value);
        return runs.size() < 2
                ? Shown.format("%.1f %%", 100 * values[0][0])
                : Quantity.ADDITIONS.shown(Resampling.estimate(values.length, draw -> draw.mean(values)));
    }

    /** The first evaluation at the goal, seed by seed. */
    private static String toGoal(List<AfterRun> runs) {
        List<String> steps = new ArrayList<>();
        for (AfterRun run : runs) {
            steps.add(run.points().stream()
                    .filter(point -> point.additions() >= GOAL)
                    .findFirst()
                    .map(point -> String.valueOf(point.step()))
                    .orElse("-"));
        }
        return String.join(", ", steps);
    }

    private static List<String> missing(List<AfterRun> all) {
        List<String> missing = new ArrayList<>();
        for (String method : METHODS) {
            for (String start : STARTS) {
                if (of(all, method, start).size() < 2) {
                    missing.add(method + " from " + start);
                }
            }
        }
        return missing;
    }
}
