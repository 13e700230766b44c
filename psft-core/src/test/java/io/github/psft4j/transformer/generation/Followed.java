package io.github.psft4j.transformer.generation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One request that is followed to its end. */
final class Followed implements StreamListener {

    final List<List<StreamedToken>> tokens = new ArrayList<>();
    final List<CompletableFuture<GenerationResult>> ends = new ArrayList<>();
    final CompletableFuture<Void> first = new CompletableFuture<>();

    Followed(int samples) {
        for (int i = 0; i < samples; i++) {
            tokens.add(new ArrayList<>());
            ends.add(new CompletableFuture<>());
        }
    }

    @Override
    public void onToken(int sample, StreamedToken token) {
        tokens.get(sample).add(token);
        first.complete(null);
    }

    @Override
    public void onEnd(int sample, GenerationResult result) {
        assertTrue(ends.get(sample).complete(result), "a sample ends once");
    }

    @Override
    public void onFailure(Throwable failure) {
        first.completeExceptionally(failure);
        ends.forEach(end -> end.completeExceptionally(failure));
    }

    GenerationResult end(int sample) throws Exception {
        return ends.get(sample).get(60, TimeUnit.SECONDS);
    }
}
