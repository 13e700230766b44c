package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.kit.Tables;
import io.github.psft4j.examples.experiment.kit.Verdict;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.report.AfterRun;
import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What SFT or PSFT is worth before reinforcement learning. */
final class RlStudy implements Study {

    private static final List<String> OBJECTIVES = List.of("grpo", "rloo");

    private static final List<RlQuantity> AT_START = List.of(
            RlQuantity.START_STEPS,
            RlQuantity.NLL_BEFORE,
            RlQuantity.ADDITIONS_BEFORE,
            RlQuantity.OTHERS_BEFORE,
            RlQuantity.ENTROPY_BEFORE,
            RlQuantity.PASS_16_BEFORE);

    private static final List<RlQuantity> AT_END = List.of(
            RlQuantity.ADDITIONS,
            RlQuantity.OTHERS,
            RlQuantity.REWARD,
            RlQuantity.MEAN_REWARD,
            RlQuantity.STEPS_TO_GOAL,
            RlQuantity.ENTROPY,
            RlQuantity.PASS_1,
            RlQuantity.PASS_16);

    @Override
    public String name() {
        return "rl-transfer";
    }

    @Override
    public String question() {
        return "Before reinforcement learning";
    }

    @Override
    public List<RlTrial> planned(ResultFiles files) throws IOException {
        List<RlTrial> trials = new ArrayList<>();
        for (RlStart start : starts(RlStart.pairs(files))) {
            OBJECTIVES.forEach(objective -> trials.add(start.with(objective)));
        }
        return trials;
    }

    private static List<RlStart> starts(List<RlStart.Pair> pairs) {
        List<RlStart> starts = new ArrayList<>(List.of(RlStart.BASE));
        pairs.forEach(pair -> starts.addAll(pair.both()));
        return starts;
    }

    @Override
    public int seeds() {
        return 8;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        List<RlStart.Pair> pairs = RlStart.pairs(files);
        RlRuns runs = new RlRuns(files);
        EarlierRl earlier = new EarlierRl(files);
        Verdict task =
                over("From PSFT more of the trained skill is reached than from SFT", pairs, runs, RlQuantity.ADDITIONS);
        earlier.when(task, "sft", run -> run.last().additions());
        Verdict others =
                over("From PSFT more of the other skills is left than from SFT", pairs, runs, RlQuantity.OTHERS);
        earlier.when(others, "sft", run -> run.last().otherSkills());
        Verdict reward = over("From PSFT the reward ends higher than from SFT", pairs, runs, RlQuantity.REWARD);
        Verdict entropy = over("From PSFT entropy ends higher than from SFT", pairs, runs, RlQuantity.ENTROPY);
        Verdict pass = over("From PSFT pass@16 ends higher than from SFT", pairs, runs, RlQuantity.PASS_16);
        Verdict base = overBase(
                "From PSFT more of the trained skill is reached than from the base model",
                pairs,
                runs,
                RlQuantity.ADDITIONS,
                earlier,
                run -> run.last().additions());
        Verdict keeps = overBase(
                "From PSFT as much of the other skills is left as from the base model, or more",
                pairs,
                runs,
                RlQuantity.OTHERS,
                earlier,
                run -> run.last().otherSkills());
        List<Verdict> verdicts = List.of(task, others, reward, entropy, pass, base, keeps);
        List<String> advice = List.of(advice(task), advice(others), advice(base), advice(keeps));
        List<Chart> charts = RlCharts.of(name(), OBJECTIVES, starts(pairs), runs);
        Page page = RlPage.begin(verdicts.stream().map(Verdict::sentence).toList(), advice);
        RlPage.results(page, tables(pairs, runs), charts, earlier, missing(pairs, runs));
        page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(name()));
        return new Result(
                page.toString(),
                charts,
                List.of(
                        Tables.claim("After GRPO in domain PSFT 53.31, SFT 52.40 (Table 2)", task),
                        Tables.claim("After GRPO out of domain PSFT 64.06, SFT 59.90 (Table 2)", others),
                        Tables.claim("With GRPO from PSFT the reward rises further (Figures 4 and 5)", reward)),
                advice);
    }

    /** PSFT - SFT of each objective and pair. */
    private static Verdict over(String claim, List<RlStart.Pair> pairs, RlRuns runs, RlQuantity quantity)
            throws IOException {
        Verdict verdict = new Verdict(claim);
        for (String objective : OBJECTIVES) {
            for (RlStart.Pair pair : pairs) {
                Optional<Estimate> e =
                        runs.difference(pair.sft().with(objective), pair.psft().with(objective), quantity);
                e.ifPresent(d -> verdict.when(condition(objective, pair), d));
            }
        }
        return verdict;
    }

    /** PSFT - base of each objective and pair, and with DPO. */
    private static Verdict overBase(
            String claim,
            List<RlStart.Pair> pairs,
            RlRuns runs,
            RlQuantity quantity,
            EarlierRl earlier,
            ToDoubleFunction<AfterRun> value)
            throws IOException {
        Verdict verdict = new Verdict(claim);
        for (String objective : OBJECTIVES) {
            for (RlStart.Pair pair : pairs) {
                Optional<Estimate> e = runs.difference(
                        RlStart.BASE.with(objective), pair.psft().with(objective), quantity);
                e.ifPresent(d -> verdict.when(condition(objective, pair), d));
            }
        }
        earlier.when(verdict, "base", value);
        return verdict;
    }

    private static String condition(String objective, RlStart.Pair pair) {
        return "with " + objective.toUpperCase(Locale.ROOT) + " at " + at(pair);
    }

    private static String at(RlStart.Pair pair) {
        return pair.where().startsWith("ratio") ? "the paper's " + pair.where() : pair.where();
    }

    private static String advice(Verdict verdict) {
        String claim = verdict.lowered();
        return switch (verdict.kind()) {
            case NOT_RUN -> "Whether \"" + claim + "\" was not measured: no advice.";
            case HOLDS -> "Rely on it here: " + claim + ".";
            case DEPENDS ->
                "It depends: " + claim + ", but only " + String.join(", ", verdict.holding()) + "." + opposite(verdict);
            case NOT_SHOWN -> "Do not rely on it: \"" + claim + "\" " + verdict.kind() + "." + opposite(verdict);
            case CONTRADICTED -> "Do not rely on it: \"" + claim + "\" " + verdict.kind() + ".";
        };
    }

    private static String opposite(Verdict verdict) {
        List<String> conditions = verdict.contradicting();
        return conditions.isEmpty() ? "" : " The opposite shows " + String.join(", ", conditions) + ".";
    }

    private static RlPage.Tables tables(List<RlStart.Pair> pairs, RlRuns runs) throws IOException {
        List<List<String>> before = new ArrayList<>();
        List<List<String>> after = new ArrayList<>();
        List<List<String>> differences = new ArrayList<>();
        for (RlStart start : starts(pairs)) {
            RlTrial first = start.with(OBJECTIVES.get(0));
            if (runs.has(first)) {
                before.add(row(start.words(), runs, first, AT_START));
            }
        }
        for (String objective : OBJECTIVES) {
            String upper = objective.toUpperCase(Locale.ROOT);
            for (RlStart start : starts(pairs)) {
                RlTrial trial = start.with(objective);
                if (runs.has(trial)) {
                    List<String> row = row(upper + ", " + start.words(), runs, trial, AT_END);
                    List<RlResult> all = runs.of(trial);
                    row.add(all.stream().filter(RlResult::reaches).count() + " of " + all.size());
                    after.add(row);
                }
            }
            for (RlStart.Pair pair : pairs) {
                difference(
                                runs,
                                upper + ", " + at(pair),
                                pair.sft().with(objective),
                                pair.psft().with(objective))
                        .ifPresent(differences::add);
            }
        }
        List<String> afterHeading = heading("method, from", AT_END);
        afterHeading.add("runs that reach 90 %");
        return new RlPage.Tables(
                heading("from", AT_START), before, afterHeading, after, heading("PSFT - SFT", AT_END), differences);
    }

    private static Optional<List<String>> difference(RlRuns runs, String name, RlTrial sft, RlTrial psft)
            throws IOException {
        List<String> row = new ArrayList<>(List.of(name));
        for (RlQuantity quantity : AT_END) {
            Optional<Estimate> e = runs.difference(sft, psft, quantity);
            if (e.isEmpty()) {
                return Optional.empty();
            }
            row.add(quantity.difference(e.get()));
        }
        return Optional.of(row);
    }

    private static List<String> row(String name, RlRuns runs, RlTrial trial, List<RlQuantity> columns)
            throws IOException {
        List<String> row =
                new ArrayList<>(List.of(name, String.valueOf(runs.of(trial).size())));
        for (RlQuantity quantity : columns) {
            row.add(quantity.shown(runs.mean(trial, quantity)));
        }
        return row;
    }

    private static List<String> heading(String first, List<RlQuantity> columns) {
        List<String> heading = new ArrayList<>(List.of(first));
        if (!first.startsWith("PSFT")) {
            heading.add("seeds");
        }
        columns.forEach(quantity -> heading.add(quantity.label()));
        return heading;
    }

    private List<String> missing(List<RlStart.Pair> pairs, RlRuns runs) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String objective : OBJECTIVES) {
            for (RlStart start : starts(pairs)) {
                int seeds = runs.of(start.with(objective)).size();
                if (seeds < seeds()) {
                    missing.add(objective.toUpperCase(Locale.ROOT) + " from " + start.words() + ": " + seeds);
                }
            }
        }
        return missing;
    }
}
