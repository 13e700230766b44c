package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.EqualNll;
import io.github.psft4j.examples.experiment.kit.EqualNll.Reading;
import io.github.psft4j.examples.experiment.kit.Estimate;
import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.PaperClaims;
import io.github.psft4j.examples.experiment.kit.Quantity;
import io.github.psft4j.examples.experiment.kit.Runs;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.kit.Tables;
import io.github.psft4j.examples.experiment.kit.Verdict;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Is it the method, or the learning rate? SFT and PSFT at seven rates. */
final class LearningRateStudy implements Study {

    static final List<Double> RATES = List.of(1.5e-5, 5e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3);

    /** SFT's rate and a twentieth of it, as in the paper. */
    private static final List<List<Double>> PAPER = List.of(List.of(3e-4, 1.5e-5), List.of(1e-3, 5e-5));

    /** What PSFT may solve less and still learn "as well": the paper's difference is one point. */
    private static final double MARGIN = 0.02;

    static final List<Trial> SFT = RATES.stream().map(Trial::sft).toList();
    static final List<Trial> PSFT = RATES.stream().map(Trial::psft).toList();

    @Override
    public String name() {
        return "learning-rate";
    }

    @Override
    public String question() {
        return "SFT or PSFT, and the learning rate";
    }

    @Override
    public List<Trial> planned(ResultFiles files) {
        return trials();
    }

    List<Trial> trials() {
        return Stream.concat(SFT.stream(), PSFT.stream()).toList();
    }

    @Override
    public int seeds() {
        return 8;
    }

    @Override
    public Result result(ResultFiles files) throws IOException {
        Runs runs = new Runs(files, trials());
        Trial sft = runs.best(SFT);
        Trial psft = runs.best(PSFT);
        Verdict forgets =
                comparison(runs, "PSFT forgets less of the other skills", Quantity.OTHERS, EqualNll.OTHERS, 0);
        Verdict entropy =
                comparison(runs, "PSFT keeps entropy up", Quantity.SAMPLE_ENTROPY, EqualNll.SAMPLE_ENTROPY, 0);
        Verdict learns = comparison(
                runs,
                "PSFT learns the task as well (at most 2 points less)",
                Quantity.ADDITIONS,
                EqualNll.ADDITIONS,
                MARGIN);
        Verdict stable = equalRates(runs, new Verdict("PSFT's gradient norm is lower"), Quantity.GRAD_NORM, -1, 0);
        List<Verdict> verdicts = List.of(forgets, entropy, learns, stable);

        List<String> advice = advice(runs, sft, psft);
        Page page = new Page("Is it the method or the learning rate?")
                .paragraph("**Claim** (arXiv 2508.17784, Table 1 and the curves of entropy): PSFT keeps out-of-domain"
                        + " abilities and entropy that SFT loses, and learns the task about as well. The paper trains"
                        + " SFT at 2e-5 and PSFT at 1e-6, with other batches. So method and rate change together.")
                .paragraph("**Metric, fixed before the runs**: share of the other five skills solved after the last"
                        + " step. Beside it: entropy on own samples at temperature 1, unseen additions solved, gradient"
                        + " norm over the last tenth of the steps. The best rate is that of the lowest held-out NLL"
                        + " after the last step. At equal NLL both are read where they first have the lowest NLL that"
                        + " both reach.")
                .paragraph("**Expected before the runs**: PSFT forgets less and keeps more entropy at the paper's ratio"
                        + " of rates, because its rate is lower. At equal rates the clip helps only where the rate is"
                        + " too high for SFT. At the best rates and at equal NLL the two do not differ.")
                .section("Verdict")
                .paragraph(headline(runs, sft, psft))
                .items(verdicts.stream().map(Verdict::sentence).toList())
                .section("What to do")
                .items(advice)
                .section("Results")
                .paragraph(Settings.text(runs.seeds()) + " Seven rates, two methods.");
        page.table(Tables.heading("rate, method"), Tables.rows(runs, trials()));
        page.paragraph("PSFT - SFT, paired by seed and problem; * where the interval leaves 0 out:");
        page.table(Tables.DIFFERENCES, differences(runs, sft, psft));
        charts(runs).forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        page.section("Again").paragraph(Settings.AGAIN).code(Settings.command(name()));
        return new Result(page.toString(), charts(runs), claims(verdicts), advice);
    }

    /** The answer to the question of the title, from the retention alone. */
    private static String headline(Runs runs, Trial sft, Trial psft) {
        boolean ratio = PAPER.stream()
                .allMatch(pair -> runs.difference(Trial.sft(pair.get(0)), Trial.psft(pair.get(1)), Quantity.OTHERS)
                        .isPositive());
        boolean best = runs.differenceOfBest(SFT, PSFT, Quantity.OTHERS).isPositive();
        boolean equalNll = runs.differenceAtEqualNll(sft, psft, EqualNll.OTHERS).isPositive();
        if (best && equalNll) {
            return "**It is the method**: at the best rates and at equal NLL PSFT keeps more of the other skills.";
        }
        if (best || equalNll) {
            return "**It is partly the method**: PSFT keeps more of the other skills "
                    + (best ? "at the best rates, but not at equal NLL." : "at equal NLL, but not at the best rates.")
                    + sameRate(runs, sft, psft);
        }
        return ratio
                ? "**It is the learning rate**: at the paper's ratio of rates PSFT keeps more of the other skills, but"
                        + " not at the best rates and not at equal NLL."
                : "**It is neither**: PSFT keeps no more of the other skills, not even at the paper's ratio of rates.";
    }

    /** Whether equal NLL shows the method or the difference of the best rates; added after the runs were seen. */
    private static String sameRate(Runs runs, Trial sft, Trial psft) {
        if (sft.rate() == psft.rate()) {
            return "";
        }
        boolean any = Stream.of(sft.rate(), psft.rate())
                .anyMatch(rate -> runs.differenceAtEqualNll(Trial.sft(rate), Trial.psft(rate), EqualNll.OTHERS)
                        .isPositive());
        return " The best rates differ, " + Settings.rate(sft.rate()) + " and " + Settings.rate(psft.rate())
                + "; with one of them for both, equal NLL shows "
                + (any ? "it too." : "no such difference, so what it shows is the rate.");
    }

    private Verdict comparison(Runs runs, String claim, Quantity quantity, Reading reading, double margin) {
        Verdict verdict = new Verdict(claim);
        for (List<Double> pair : PAPER) {
            Estimate e = runs.difference(Trial.sft(pair.get(0)), Trial.psft(pair.get(1)), quantity);
            verdict.when("at " + ratio(pair), e.plus(margin));
        }
        equalRates(runs, verdict, quantity, 1, margin);
        verdict.when(
                "at the best rates", runs.differenceOfBest(SFT, PSFT, quantity).plus(margin));
        Estimate equal = runs.differenceAtEqualNll(runs.best(SFT), runs.best(PSFT), reading);
        verdict.when("at equal NLL, best rates", equal.plus(margin));
        for (double rate : RATES) {
            Estimate e = runs.differenceAtEqualNll(Trial.sft(rate), Trial.psft(rate), reading);
            verdict.when("at equal NLL and " + Settings.rate(rate), e.plus(margin));
        }
        return verdict;
    }

    private static Verdict equalRates(Runs runs, Verdict verdict, Quantity quantity, int sign, double margin) {
        for (double rate : RATES) {
            Estimate e =
                    runs.difference(Trial.sft(rate), Trial.psft(rate), quantity).plus(margin);
            verdict.when("at equal " + Settings.rate(rate), sign > 0 ? e : e.negated());
        }
        return verdict;
    }

    private static String ratio(List<Double> pair) {
        return "SFT " + Settings.rate(pair.get(0)) + " with PSFT " + Settings.rate(pair.get(1));
    }

    private static List<String> advice(Runs runs, Trial sft, Trial psft) {
        Estimate others = runs.differenceOfBest(SFT, PSFT, Quantity.OTHERS);
        Estimate additions = runs.differenceOfBest(SFT, PSFT, Quantity.ADDITIONS);
        List<String> advice = new ArrayList<>();
        advice.add(use(runs));
        advice.add("Tune the rate of each method by itself. By held-out NLL the best rate here is "
                + Settings.rate(sft.rate()) + " for SFT and " + Settings.rate(psft.rate()) + " for PSFT.");
        advice.add("With both at their best rates "
                + side(
                        others,
                        "PSFT keeps more of the other skills",
                        "SFT keeps more" + " of the other skills",
                        "neither keeps more of the other skills")
                + " ("
                + Quantity.OTHERS.difference(others) + " points), and "
                + side(additions, "PSFT learns more", "SFT learns more", "neither learns more") + " ("
                + Quantity.ADDITIONS.difference(additions) + " points).");
        Trial low = SFT.get(1);
        Estimate careful = runs.difference(sft, low, Quantity.OTHERS);
        advice.add("A lower rate is the cheaper way to forget less: SFT at " + Settings.rate(low.rate())
                + " instead of "
                + Settings.rate(sft.rate()) + " changes the other skills by " + Quantity.OTHERS.difference(careful)
                + " points and unseen additions by "
                + Quantity.ADDITIONS.difference(runs.difference(sft, low, Quantity.ADDITIONS)) + ".");
        List<String> helped = new ArrayList<>();
        for (double rate : RATES) {
            if (runs.difference(Trial.sft(rate), Trial.psft(rate), Quantity.ADDITIONS)
                    .isPositive()) {
                helped.add(Settings.rate(rate));
            }
        }
        advice.add(
                helped.isEmpty()
                        ? "At no rate does the clip raise the accuracy of the trained skill."
                        : "If the rate may be too high, the clip protects the trained skill: PSFT solves more at "
                                + String.join(", ", helped) + ".");
        return advice;
    }

    /** Which method at which of the equal rates. */
    private static String use(Runs runs) {
        List<String> psft = new ArrayList<>();
        List<String> sft = new ArrayList<>();
        for (double rate : RATES) {
            int compared = runs.compared(Trial.sft(rate), Trial.psft(rate));
            if (compared != 0) {
                (compared > 0 ? psft : sft).add(Settings.rate(rate));
            }
        }
        String where = ", where it leaves more of the trained skill or of the others and less of neither.";
        if (psft.isEmpty() && sft.isEmpty()) {
            return "Use SFT, which needs no pass for pi_old, unless something else speaks for PSFT: at none of the "
                    + RATES.size() + " rates, taken for both, does either leave more of the trained skill or of the"
                    + " others and less of neither.";
        }
        return (psft.isEmpty() ? "" : "Use PSFT at " + String.join(", ", psft) + where)
                + (psft.isEmpty() || sft.isEmpty() ? "" : " ")
                + (sft.isEmpty() ? "" : "Use SFT at " + String.join(", ", sft) + where);
    }

    /** One of three texts, by the sign of an interval. */
    private static String side(Estimate e, String positive, String negative, String neither) {
        return e.isPositive() ? positive : e.isNegative() ? negative : neither;
    }

    private static List<List<String>> differences(Runs runs, Trial sft, Trial psft) {
        List<List<String>> rows = new ArrayList<>();
        for (List<Double> pair : PAPER) {
            rows.add(Tables.difference(
                    "ratio 20: " + ratio(pair), runs, Trial.sft(pair.get(0)), Trial.psft(pair.get(1))));
        }
        for (double rate : RATES) {
            rows.add(Tables.difference("equal " + Settings.rate(rate), runs, Trial.sft(rate), Trial.psft(rate)));
        }
        rows.add(List.of(
                "best rates",
                Quantity.OTHERS.difference(runs.differenceOfBest(SFT, PSFT, Quantity.OTHERS)),
                Quantity.ADDITIONS.difference(runs.differenceOfBest(SFT, PSFT, Quantity.ADDITIONS)),
                Quantity.SAMPLE_ENTROPY.difference(runs.differenceOfBest(SFT, PSFT, Quantity.SAMPLE_ENTROPY)),
                Quantity.GRAD_NORM.difference(runs.differenceOfBest(SFT, PSFT, Quantity.GRAD_NORM))));
        rows.add(equalNll("equal NLL, best rates", runs, sft, psft));
        for (double rate : RATES) {
            rows.add(equalNll("equal NLL and " + Settings.rate(rate), runs, Trial.sft(rate), Trial.psft(rate)));
        }
        return rows;
    }

    private static List<String> equalNll(String name, Runs runs, Trial sft, Trial psft) {
        return List.of(
                name,
                Quantity.OTHERS.difference(runs.differenceAtEqualNll(sft, psft, EqualNll.OTHERS)),
                Quantity.ADDITIONS.difference(runs.differenceAtEqualNll(sft, psft, EqualNll.ADDITIONS)),
                Quantity.SAMPLE_ENTROPY.difference(runs.differenceAtEqualNll(sft, psft, EqualNll.SAMPLE_ENTROPY)),
                "");
    }

    private List<Chart> charts(Runs runs) {
        Chart.Horizontal rates = new Chart.Horizontal("learning rate", true);
        return Stream.of(Quantity.OTHERS, Quantity.ADDITIONS, Quantity.SAMPLE_ENTROPY, Quantity.NLL)
                .map(quantity -> Tables.chart(
                        name(),
                        quantity,
                        rates,
                        List.of(
                                Tables.line("PSFT", 0, runs, PSFT, Trial::rate, quantity),
                                Tables.line("SFT", 1, runs, SFT, Trial::rate, quantity))))
                .toList();
    }

    private static List<Claim> claims(List<Verdict> verdicts) {
        List<String> paper = List.of(
                PaperClaims.OUT_OF_DOMAIN,
                PaperClaims.ENTROPY,
                PaperClaims.IN_DOMAIN,
                "Clipping keeps the gradient norm stable (ablation of the clip)");
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < paper.size(); i++) {
            claims.add(Tables.claim(paper.get(i), verdicts.get(i)));
        }
        return claims;
    }
}
