package io.github.psft4j.examples.experiment;

import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was tried to make the paper's claims show at equal rates: longer training, and fewer demonstrations. */
final class StretchStudy implements Study {

    private static final int LONG = 480;
    private static final int FEW = 64;

    private static final List<Double> RATES = List.of(ClipStudy.CAREFUL, ClipStudy.HOT);

    @Override
    public String name() {
        return "longer-or-fewer";
    }

    @Override
    public String question() {
        return "Long training and few demonstrations";
    }

    @Override
    public List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        conditions().values().forEach(pair -> trials.addAll(List.of(pair[0], pair[1])));
        return trials;
    }

    /** SFT and PSFT by the condition. */
    private static Map<String, Trial[]> conditions() {
        Map<String, Trial[]> conditions = new LinkedHashMap<>();
        for (double rate : RATES) {
            String at = " at " + Settings.rate(rate);
            conditions.put("with " + FEW + " demonstrations" + at, pair(rate, FEW, LONG));
        }
        for (double rate : RATES) {
            String at = " at " + Settings.rate(rate);
            conditions.put("after " + LONG + " steps" + at, pair(rate, Trial.DEMONSTRATIONS, LONG));
        }
        return conditions;
    }

    private static Trial[] pair(double rate, int demonstrations, int steps) {
        return new Trial[] {
            Trial.sft(rate).of(demonstrations, steps), Trial.psft(rate).of(demonstrations, steps)
        };
    }

    @Override
    public int seeds() {
        return 5;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, trials());
        Verdict forgets = verdict("PSFT forgets less of the other skills", runs, Quantity.OTHERS);
        Verdict entropy = verdict("PSFT keeps entropy up", runs, Quantity.SAMPLE_ENTROPY);
        Verdict task = verdict("PSFT learns more of the trained skill", runs, Quantity.ADDITIONS);
        List<Verdict> verdicts = List.of(forgets, entropy, task);
        List<List<String>> differences = new ArrayList<>();
        conditions().forEach((name, pair) -> differences.add(Tables.difference(name, runs, pair[0], pair[1])));
        List<String> advice = List.of(advice(task), advice(forgets));
        Page page = new Page("Longer training and fewer demonstrations")
                .paragraph("**Claim** (arXiv 2508.17784, Section 4.1): PSFT does not degrade in long training, where"
                        + " SFT's entropy collapses. The paper's toy has 817 demonstrations and 18 passes.")
                .paragraph("**Metric, fixed before the runs**: other skills, entropy on own samples and unseen"
                        + " additions after the last step, PSFT - SFT at equal rates.")
                .paragraph("**Expected before the runs**: more passes and fewer demonstrations make SFT overfit; if the"
                        + " clip keeps entropy or skills at equal rates at all, it shows here.")
                .section("Verdict")
                .items(verdicts.stream().map(Verdict::sentence).toList())
                .section("What to do")
                .items(advice)
                .section("Results")
                .paragraph(Settings.text(runs.seeds()) + " Here runs have " + LONG + " steps, 60 passes; of " + FEW
                        + " demonstrations a step takes 8.")
                .table(Tables.heading("rate, method"), Tables.rows(runs, trials()))
                .paragraph("PSFT - SFT, paired by seed and problem; * where the interval leaves 0 out:")
                .table(Tables.DIFFERENCES, differences)
                .section("Again")
                .paragraph(Settings.AGAIN)
                .code(Settings.command(name()));
        return new Result(
                page.toString(),
                List.<Chart>of(),
                List.of(
                        Tables.claim("Skills are kept in long training (Section 4.1)", forgets),
                        Tables.claim("Entropy does not collapse in long training (Section 4.1)", entropy)),
                advice);
    }

    private static Verdict verdict(String claim, Runs runs, Quantity quantity) {
        Verdict verdict = new Verdict(claim);
        conditions().forEach((name, pair) -> verdict.when(name, runs.difference(pair[0], pair[1], quantity)));
        return verdict;
    }

    private static String advice(Verdict verdict) {
        List<String> holding = verdict.holding();
        return holding.isEmpty()
                ? "Neither many passes nor few demonstrations make it show that " + verdict.lowered() + "."
                : "It shows that " + verdict.lowered() + " " + String.join(", ", holding) + ".";
    }
}
