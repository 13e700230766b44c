package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.kit.Tables;
import io.github.psft4j.examples.experiment.run.RlResult;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.Settings;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.monitor.report.Chart;
import java.util.List;

/** The words of the page on reinforcement learning. */
final class RlPage {

    private RlPage() {}

    /** What the page shows: starts, ends, and differences between starts. */
    record Tables(
            List<String> beforeHeading,
            List<List<String>> before,
            List<String> afterHeading,
            List<List<String>> after,
            List<String> differencesHeading,
            List<List<String>> differences) {}

    static Page begin(List<String> verdicts, List<String> advice) {
        return new Page("What SFT or PSFT is worth before reinforcement learning")
                .paragraph("**Claim** (arXiv 2508.17784, Tables 2 and 3, Figures 4 and 5): from a PSFT checkpoint GRPO"
                        + " gets further than from an SFT checkpoint, in domain (53.31 against 52.40, Qwen2.5-7B) and"
                        + " more so out of domain (64.06 against 59.90).")
                .paragraph("**Metric, fixed before the runs**: unseen additions and other skills solved greedily after"
                        + " the last update. Beside it: mean reward of the last " + RlResult.LAST + " rollouts and of"
                        + " all, which says how fast it rises; optimizer steps before the first rollout whose mean"
                        + " reward is 90 %, where a run that never comes there counts with all its steps; entropy on"
                        + " own samples; pass@1 and pass@16 of " + RlTrial.PASS_PROBLEMS + " unseen additions, from "
                        + RlTrial.TRIES + " samples at temperature 1.")
                .paragraph("**Starts, fixed before the runs**: the base model. SFT and PSFT, each at its best rate by"
                        + " held-out NLL in the [learning-rate](learning-rate.md) study, after all of its steps. The"
                        + " same two stopped where held-out NLL first is " + RlStart.EQUAL + " or lower. And the"
                        + " paper's ratio of rates, 20.")
                .paragraph("**Expected before the runs**: at the best rates and at equal NLL no difference, because"
                        + " there the two kept about as much. At the paper's ratio PSFT keeps more of the other skills,"
                        + " because it moved less; GRPO then brings the trained skill to the same level.")
                .section("Verdict")
                .items(verdicts)
                .section("What to do")
                .items(advice);
    }

    static void results(Page page, Tables tables, List<Chart> charts, EarlierRl earlier, List<String> missing) {
        page.section("Results")
                .paragraph(Settings.bed() + " Then " + RlTrial.ROLLOUTS + " rollouts of " + RlTrial.PROMPTS
                        + " additions with " + RlTrial.GROUP + " samples each, " + RlTrial.UPDATES
                        + " optimizer steps a rollout, so " + RlTrial.ROLLOUTS * RlTrial.UPDATES
                        + " steps; peak rate " + Settings.rate(RlTrial.RATE) + ", falling to 0. The reward is 1 for the"
                        + " right answer in any format. Length, samples and rate were chosen from three runs of GRPO"
                        + " from the base model with seed 1, before any other start was tried; 2e-4 was worse there."
                        + " " + Trial.PROBLEMS + " held-out problems of each skill. Brackets: intervals of 95 %,"
                        + " bootstrap over seeds and problems.")
                .paragraph("Where they start:")
                .table(tables.beforeHeading(), tables.before())
                .paragraph("Where they end:")
                .table(tables.afterHeading(), tables.after())
                .paragraph("PSFT - SFT, paired by seed and problem; * where the interval leaves 0 out; shares in"
                        + " points:")
                .table(tables.differencesHeading(), tables.differences());
        if (!missing.isEmpty()) {
            page.paragraph("Fewer seeds than planned: " + String.join("; ", missing) + ".");
        }
        charts.forEach(chart -> page.image(chart.title(), "images/" + chart.id() + ".svg"));
        if (!charts.isEmpty()) {
            page.paragraph("Means of " + RlCharts.BLOCK + " rollouts. Dashed: stopped at equal NLL.");
        }
        page.section("Longer runs, and DPO")
                .paragraph("These runs are older. They stand, with their settings, in [after"
                        + " fine-tuning](../after-fine-tuning.md): 100 rollouts of 64 x 16, checkpoints of 480 steps"
                        + " at 3e-4, both methods at that rate. DPO's are in the verdicts above. Intervals are over"
                        + " seeds alone.")
                .table(EarlierRl.HEADING, earlier.rows());
    }
}
