package io.github.psft4j.rollout;

import io.github.psft4j.data.batch.Demonstration;
import java.util.Arrays;

/**
 * One completion that a policy sampled for a prompt.
 *
 * @param prompt token ids, at least one
 * @param completion token ids, at least one, the end-of-sequence token included
 * @param finish why it ended
 * @param samplerLogProbs log-prob of every completion token as the sampler saw it, {@code [completion]}, nats; null if
 *     it is not known
 */
public record Rollout(int[] prompt, int[] completion, Finish finish, double[] samplerLogProbs) {

    /**
     * @throws IllegalArgumentException if prompt or completion is empty, there is no finish, or the log-probs are of
     *     another length
     */
    public Rollout {
        if (prompt.length == 0 || completion.length == 0) {
            throw new IllegalArgumentException("a rollout needs at least one token of prompt and of completion, got "
                    + prompt.length + " and " + completion.length);
        }
        if (finish == null) {
            throw new IllegalArgumentException("a rollout needs a finish: END, STOP or LENGTH");
        }
        if (samplerLogProbs != null && samplerLogProbs.length != completion.length) {
            throw new IllegalArgumentException("a completion has " + completion.length + " tokens but "
                    + samplerLogProbs.length + " sampler log-probs");
        }
    }

    /** A completion whose sampler's log-probs are not known. */
    public Rollout(int[] prompt, int[] completion, Finish finish) {
        this(prompt, completion, finish, null);
    }

    /** Whether the limit of tokens cut it off. */
    public boolean truncated() {
        return finish == Finish.LENGTH;
    }

    /** The sequence {@code [prompt, completion]}, trained on the completion. */
    public Demonstration sequence() {
        return Demonstration.of(prompt, completion);
    }

    /** The same sequence, of which no token is trained. */
    public Demonstration untrained() {
        int[] tokens = sequence().tokens();
        return new Demonstration(tokens, new boolean[tokens.length]);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rollout r
                && Arrays.equals(prompt, r.prompt)
                && Arrays.equals(completion, r.completion)
                && finish == r.finish
                && Arrays.equals(samplerLogProbs, r.samplerLogProbs);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(prompt) + Arrays.hashCode(completion)) + finish.hashCode();
    }
}
