package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The pages over all experiments: every claim with its verdict, and what to do. */
final class Summary {

    private static final String NOT_RUN = "not run";

    private Summary() {}

    /** Claim by claim: the paper, what was found on both beds, the verdict. */
    static String claims(ResultFiles files, Map<Study, Study.Result> results) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        results.forEach((study, result) -> {
            if (!study.name().equals(SmolStudy.NAME)) {
                for (Study.Claim claim : result.claims()) {
                    rows.add(List.of(
                            claim.paper(), link(study) + ": " + claim.here(), second(results, claim), claim.verdict()));
                }
            }
        });
        return new Page("Experiments")
                .paragraph("When does PSFT help? Each page has a claim of the paper (arXiv 2508.17784), a metric that"
                        + " was fixed before the runs, and a verdict that a program computes from the numbers. A claim"
                        + " holds where the interval of 95 % is on its side, under every condition that was tried."
                        + " Nulls and failures stay. [Choosing](../choosing.md) has the advice.")
                .table(List.of("paper", "skills, 0.8 M parameters", "SmolLM2-135M", "verdict on skills"), rows)
                .paragraph(tried(results))
                .paragraph(secondBed(results))
                .section("Again")
                .paragraph("One command makes all runs on skills and all pages. " + BedTime.text(files))
                .code(Settings.command("").strip())
                .paragraph("A name makes one experiment, `--seeds N` more of it. [Results](results) has a file for each"
                        + " trial and a line of JSON for each seed: evaluations, what every problem came to, and the"
                        + " metrics of every step. A run that is there is not repeated; delete its line, and it is."
                        + " Each page says how many seeds its trials have in common; the command adds those that are"
                        + " missing. The"
                        + " length of a run, 160 steps, was chosen after four runs of 240 with one seed, which showed"
                        + " the same effects.")
                .toString();
    }

    private static String tried(Map<Study, Study.Result> results) {
        boolean few = results.entrySet().stream()
                .anyMatch(entry -> entry.getKey().name().equals(FewStudy.NAME)
                        && !entry.getValue().claims().isEmpty());
        String page = "[" + FewStudy.NAME + "](" + FewStudy.NAME + ".md)";
        return "To make claims show that depend or do not show, more was tried: several starts and two methods before"
                + " reinforcement learning ([rl-transfer](rl-transfer.md))"
                + (few
                        ? "; fewer demonstrations, four and eight times the passes, and larger steps (" + page + ")."
                        : ".")
                + (few ? "" : " Fewer demonstrations and many passes are planned and were not run (" + page + ").");
    }

    private static String link(Study study) {
        return "[" + study.name() + "](" + study.name() + ".md)";
    }

    /** What the second bed found of the same claim. */
    private static String second(Map<Study, Study.Result> results, Study.Claim claim) {
        for (Map.Entry<Study, Study.Result> entry : results.entrySet()) {
            if (entry.getKey().name().equals(SmolStudy.NAME)) {
                for (Study.Claim other : entry.getValue().claims()) {
                    if (other.paper().equals(claim.paper()) && !other.verdict().equals(NOT_RUN)) {
                        return link(entry.getKey()) + ": " + other.here() + ", so: " + other.verdict();
                    }
                }
            }
        }
        return NOT_RUN;
    }

    private static String secondBed(Map<Study, Study.Result> results) {
        boolean run = results.values().stream()
                .flatMap(result -> result.claims().stream())
                .anyMatch(claim -> !second(results, claim).equals(NOT_RUN));
        return run
                ? "The second bed is SmolLM2-135M-Instruct on a few rows of GSM8K, with one seed: its intervals are"
                        + " over rows alone. Nothing here says how larger models behave."
                : "The second bed, SmolLM2-135M-Instruct on a few rows of GSM8K, was not run. So nothing here says how"
                        + " models of that size or larger ones behave.";
    }

    /** The advice of each experiment. */
    static String choosing(Map<Study, Study.Result> results) {
        Page page = new Page("Choosing a method and its settings")
                .paragraph("Each sentence has the experiment that it rests on. A program writes them from the numbers,"
                        + " so a new run may overturn them. Most rest on one small model (0.8 M parameters) and one"
                        + " kind of data. Measure the same on yours: train both for a short while, and compare held-out"
                        + " NLL and what you do not want to lose.");
        results.forEach((study, result) -> {
            String source = " ([" + study.name() + "](experiments/" + study.name() + ".md))";
            page.section(study.question());
            page.items(result.advice().stream().map(advice -> advice + source).toList());
        });
        return page.section("Model size")
                .paragraph("Not measured beyond these two models. Larger models take smaller rates: the paper has 1e-6"
                        + " for PSFT and 2e-5 for SFT with 7 B parameters (arXiv 2508.17784), our"
                        + " [tutorial](tutorial-fine-tune.md) 2e-5 with 135 M. Try a third and three times of a rate"
                        + " and compare held-out NLL.")
                .toString();
    }
}
