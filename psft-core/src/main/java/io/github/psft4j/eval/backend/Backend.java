package io.github.psft4j.eval.backend;

import io.github.psft4j.eval.task.GenerationSettings;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Answers questions and rates texts. Results come question by question, in any order, with the index of the request; a
 * request that failed has an error and stops nothing else.
 */
public interface Backend extends AutoCloseable {

    /** Whether the prompt form {@code auto} means a conversation. */
    boolean chats();

    /** What a figure depends on: model, fingerprint, precision, chat template, address. Empty values are left out. */
    Map<String, String> identity();

    /** Writes the answers to each prompt, one for each of its seeds; done is called on this thread. */
    void complete(
            List<CompletionRequest> requests, GenerationSettings settings, BiConsumer<Integer, List<Completion>> done);

    /** Rates each continuation of each prompt; done is called on this thread. */
    void rate(List<RatingRequest> requests, BiConsumer<Integer, List<LogLikelihood>> done);

    /** Rates whole texts; done is called on this thread. */
    void rateTexts(List<String> texts, BiConsumer<Integer, LogLikelihood> done);

    /** Frees what it holds. */
    @Override
    void close();
}
