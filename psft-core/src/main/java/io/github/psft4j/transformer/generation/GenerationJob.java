package io.github.psft4j.transformer.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request on its way, and who follows it. */
final class GenerationJob implements GenerationTicket {

    private static final Logger LOG = LoggerFactory.getLogger(GenerationJob.class);

    private final GenerationRequest request;
    private final StreamListener listener;
    private volatile boolean cancelled;

    GenerationJob(GenerationRequest request, StreamListener listener) {
        this.request = request;
        this.listener = listener;
    }

    /**
     * Its sequences, before they have a token.
     *
     * @param longest most tokens, prompt included
     */
    List<GeneratedSequence> sequences(int group, int longest, int vocabulary) {
        int[] prompt = request.prompt();
        int limit = (int)
                Math.min(longest, (long) prompt.length + request.settings().maxNewTokens());
        List<GeneratedSequence> sequences = new ArrayList<>();
        for (long seed : request.seeds()) {
            GeneratedSequence s = new GeneratedSequence(
                    sequences.size(), group, prompt, limit, new SplittableRandom(seed), request.settings());
            s.top = Math.min(request.likely(), vocabulary);
            sequences.add(s);
        }
        return sequences;
    }

    int samples() {
        return request.seeds().length;
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    boolean cancelled() {
        return cancelled;
    }

    /** Tells of the last token of a sequence. A listener that throws is told of its own failure, and hears no more. */
    void tell(GeneratedSequence s, String text) {
        int token = s.tokens[s.length - 1];
        guarded(() -> listener.onToken(s.index, new StreamedToken(token, s.lastLogProb(), s.likely, text)));
    }

    void end(GeneratedSequence s) {
        guarded(() -> listener.onEnd(s.index, s.result()));
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            cancelled = true;
            fail(e);
        }
    }

    void fail(Throwable reason) {
        try {
            listener.onFailure(reason);
        } catch (RuntimeException e) {
            LOG.warn("a listener failed when it was told of a failure", e);
        }
    }
}
