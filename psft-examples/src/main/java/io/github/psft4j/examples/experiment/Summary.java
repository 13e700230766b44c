package io.github.psft4j.examples.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** The pages over all experiments: every claim with its verdict, and what to do. */
final class Summary {

    private Summary() {}

    /** Claim by claim: the paper, what was found, the verdict. */
    static String claims(ResultFiles files, Map<Study, Study.Result> results) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        results.forEach((study, result) -> {
            for (Study.Claim claim : result.claims()) {
                rows.add(List.of(
                        claim.paper(),
                        "[" + study.name() + "](" + study.name() + ".md): " + claim.here(),
                        "not run",
                        claim.verdict()));
            }
        });
        return new Page("Experiments")
                .paragraph("When does PSFT help? Each page has a claim of the paper (arXiv 2508.17784), a metric that"
                        + " was fixed before the runs, and a verdict that a program computes from the numbers. A claim"
                        + " holds where the interval of 95 % is on its side, under every condition that was tried."
                        + " Nulls and failures stay. [Choosing](../choosing.md) has the advice.")
                .table(List.of("paper", "skills, 0.8 M parameters", "SmolLM2-135M", "verdict on skills"), rows)
                .paragraph("The second bed, SmolLM2-135M-Instruct on 800 rows of GSM8K for several epochs, was not run."
                        + " So nothing here says how models of that size or larger ones behave.")
                .section("Again")
                .paragraph("One command makes all runs on skills and all pages. They are " + runs(files)
                        + " runs of about" + " ten seconds of one core of an AMD EPYC (Zen 4), undisturbed:")
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

    /** Runs of all experiments, shared ones once. */
    private static long runs(ResultFiles files) throws IOException {
        Set<String> runs = new HashSet<>();
        for (Study study : Studies.ALL) {
            for (Planned planned : study.planned(files)) {
                LongStream.rangeClosed(1, study.seeds()).forEach(seed -> runs.add(planned.id() + " " + seed));
            }
        }
        return runs.size();
    }

    /** The advice of each experiment. */
    static String choosing(Map<Study, Study.Result> results) {
        Page page = new Page("Choosing a method and its settings")
                .paragraph("Each sentence has the experiment that it rests on. A program writes them from the numbers,"
                        + " so a new run may overturn them. All rest on one small model (0.8 M parameters) and one kind"
                        + " of data. Measure the same on yours: train both for a short while, and compare held-out NLL"
                        + " and what you do not want to lose.");
        results.forEach((study, result) -> {
            String source = " ([" + study.name() + "](experiments/" + study.name() + ".md))";
            page.section(study.question());
            page.items(result.advice().stream().map(advice -> advice + source).toList());
        });
        return page.section("Model size")
                .paragraph("Not measured here. Larger models take smaller rates: the paper has 1e-6 for PSFT and 2e-5"
                        + " for SFT with 7 B parameters (arXiv 2508.17784), our [tutorial](tutorial-fine-tune.md) 2e-5"
                        + " with 135 M. Try a third and three times of a rate and compare held-out NLL.")
                .toString();
    }
}
