package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.transformer.LogProbPass;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Scores given tokens; several jobs share a row of one pass. */
final class PromptScoring {

    /** Tokens to score, at least two, and where the result goes. */
    record Job(int[] tokens, int likely, CompletableFuture<PromptScores> result) {}

    private final LogProbPass pass;
    private final DecoderConfig config;

    PromptScoring(ComputationGraph graph, DecoderConfig config) {
        this.pass = new LogProbPass(graph, config);
        this.config = config;
    }

    /** Whether a job may share the pass of others that have so many tokens. */
    boolean fits(int taken, Job job) {
        // Frequencies that follow the length are those of the whole pass.
        return taken == 0
                || !CachedForward.followsLength(config) && taken + job.tokens.length <= GenerationLane.PROMPT_TOKENS;
    }

    /**
     * Runs one pass. The last token of a job is an input, too, because it counts for frequencies that follow the
     * length.
     */
    void run(List<Job> jobs) {
        int total = jobs.stream().mapToInt(job -> job.tokens.length).sum();
        int n = total - jobs.size(); // predictions
        int[] ids = new int[total];
        int[] sequences = new int[total]; // of the rows
        int[] targets = new int[n];
        int[] rows = new int[n];
        int[] sequence = new int[n]; // of the predictions
        int row = 0;
        int t = 0;
        for (int j = 0; j < jobs.size(); j++) {
            int[] tokens = jobs.get(j).tokens;
            for (int i = 0; i < tokens.length; i++) {
                ids[row] = tokens[i];
                sequences[row] = j;
                if (i + 1 < tokens.length) {
                    targets[t] = tokens[i + 1];
                    rows[t] = row;
                    sequence[t++] = j;
                }
                row++;
            }
        }
        int most = jobs.stream().mapToInt(Job::likely).max().orElse(0);
        TokenBatch batch = new TokenBatch(
                targets, rows, total, sequence, jobs.size(), Map.of(), RowNeeds.topK(most), config.vocabSize());
        pass.run(ids, SequenceLayout.of(sequences, 1, total), batch);
        hand(jobs, batch);
    }

    private static void hand(List<Job> jobs, TokenBatch batch) {
        int t = 0;
        for (Job job : jobs) {
            float[] logProbs = new float[job.tokens.length - 1];
            List<LikelyTokens> likely = new ArrayList<>();
            for (int i = 0; i < logProbs.length; i++, t++) {
                logProbs[i] = (float) batch.logProb(t);
                if (job.likely > 0) {
                    likely.add(likely(batch, t, job.likely));
                }
            }
            job.result.complete(new PromptScores(logProbs, likely));
        }
    }

    private static LikelyTokens likely(TokenBatch batch, int t, int count) {
        int[] ids = new int[batch.top().effective(count)];
        float[] logProbs = new float[ids.length];
        for (int j = 0; j < ids.length; j++) {
            ids[j] = batch.top().id(t, j);
            logProbs[j] = (float)
                    (ids[j] == batch.targets()[t]
                            ? batch.logProb(t)
                            : batch.top().logProb(t, j));
        }
        return new LikelyTokens(ids, logProbs);
    }
}
