package io.github.psft4j.model;

import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.Futures;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A tokenizer that another thread loads while the weights are read. {@link #close} frees it unless it was taken. */
final class LoadingTokenizer implements AutoCloseable {

    private final CompletableFuture<Tokenizer> loading;
    private boolean taken;

    /** @param load gives null if there is no tokenizer */
    LoadingTokenizer(Supplier<Tokenizer> load) {
        loading = CompletableFuture.supplyAsync(load);
    }

    /** Waits for the tokenizer, which then belongs to the caller; what loading it threw is thrown here. */
    Tokenizer take() {
        Tokenizer tokenizer = Futures.join(loading);
        taken = true;
        return tokenizer;
    }

    /** Waits, so that a process that ends now does not cut off native code at work. */
    @Override
    public void close() {
        if (!taken) {
            loading.handle((tokenizer, failure) -> {
                        if (tokenizer != null) {
                            tokenizer.close();
                        }
                        return null;
                    })
                    .join();
        }
    }
}
