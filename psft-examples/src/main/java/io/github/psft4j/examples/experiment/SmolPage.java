package io.github.psft4j.examples.experiment;

import io.github.psft4j.examples.experiment.kit.Page;
import io.github.psft4j.examples.experiment.run.SmolTrial;
import java.util.List;

/** The words of the page on SmolLM2. */
final class SmolPage {

    private SmolPage() {}

    static Page begin(List<String> verdicts, List<String> advice) {
        return new Page("A language model on few demonstrations")
                .paragraph("**Claim** (arXiv 2508.17784, Table 1 and the curves of entropy): PSFT keeps abilities and"
                        + " entropy that SFT loses, and learns the task about as well. The paper trains SFT at 2e-5"
                        + " and PSFT at 1e-6.")
                .paragraph("**Metric, fixed before the runs**: KL to the base model, per token, on the base model's own"
                        + " answers to general prompts. They are sampled once, with a fixed seed; the estimate is"
                        + " r - 1 - log r with r the ratio of the two probabilities. Beside it: NLL of general chats;"
                        + " multiple choice by log-likelihood; entropy along own answers to GSM8K; NLL of held-out"
                        + " answers of GSM8K, which says what was learned.")
                .paragraph("**Expected before the runs**: at the paper's ratio PSFT hardly moves, so it keeps all and"
                        + " learns little. At equal rates the two hardly differ at 2e-5, where few tokens reach the"
                        + " clip, and a little at 1e-4.")
                .section("Verdict")
                .items(verdicts)
                .section("What to do")
                .items(advice);
    }

    static String bed(double margin) {
        return "Bed: SmolLM2-135M-Instruct, all weights, on the first " + SmolTrial.ROWS
                + " rows of GSM8K's training part with at most " + SmolTrial.LONGEST + " tokens, "
                + SmolTrial.EPOCHS + " epochs, "
                + SmolTrial.MINI + " rows a step, K = " + SmolTrial.K
                + ", AdamW, constant rate, weight decay 0.1, norm bound 1, clip 0.28. Products in bf16, weights and"
                + " optimizer in f32. The plan was 800 rows of any length; they were cut before the first"
                + " run, because a run on the two busy cores at hand would have taken over an hour. Measured on "
                + SmolTrial.HELD_OUT
                + " such rows of the test part, 48 general prompts with an answer each, and 80 questions with four"
                + " choices (both were written for this page and lie in the jar); answers of up to "
                + SmolTrial.SAMPLED_TOKENS + " tokens at temperature 1, the own ones to " + SmolTrial.SAMPLES
                + " questions of GSM8K. One seed: intervals of 95 % are over rows alone, and say nothing of other"
                + " orders or samples. \"As well\" is an NLL at most " + margin
                + " higher. Grad norm and NLL in training are means of the last tenth of the steps, without an"
                + " interval. Accuracy at GSM8K was not measured: whole answers to enough questions cost more than"
                + " a run.";
    }

    static void end(Page page) {
        page.paragraph("Seen after the runs: the chats' answers are short and plain, as those of GSM8K are."
                        + " A model that learns to answer shortly finds them likelier, so their NLL is no clean"
                        + " measure of what is lost.")
                .paragraph("Means of " + SmolTrial.K + " steps of one run each, so without intervals. Dashed: SFT.")
                .section("Again")
                .paragraph("This makes the runs that are missing, and the pages. psft downloads nothing: DIR is the"
                        + " model's directory, DATA that of `train.jsonl` and `test.jsonl` of GSM8K.")
                .code("java -Dpsft.threads=2 -cp \"psft-examples/target/psft/lib/*\""
                        + " io.github.psft4j.examples.Experiment smollm2 --model DIR --data DATA");
    }
}
