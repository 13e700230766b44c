package io.github.psft4j.eval.run;

import io.github.psft4j.eval.backend.Backend;
import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.backend.CompletionRequest;
import io.github.psft4j.eval.backend.LogLikelihood;
import io.github.psft4j.eval.backend.RatingRequest;
import io.github.psft4j.eval.task.GenerationSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/** Answers by a function of the prompt and the seed; remembers which questions were asked. */
final class ScriptedBackend implements Backend {

    final List<Integer> asked = new ArrayList<>();
    private final BiFunction<String, Long, Completion> answer;
    private final ToDoubleFunction<String> rating;

    ScriptedBackend(BiFunction<String, Long, Completion> answer, ToDoubleFunction<String> rating) {
        this.answer = answer;
        this.rating = rating;
    }

    static Completion text(String text) {
        return new Completion(text, Completion.STOP, 1, null);
    }

    @Override
    public boolean chats() {
        return false;
    }

    @Override
    public Map<String, String> identity() {
        return Map.of("model", "scripted");
    }

    @Override
    public void complete(
            List<CompletionRequest> requests, GenerationSettings settings, BiConsumer<Integer, List<Completion>> done) {
        for (int i = 0; i < requests.size(); i++) {
            CompletionRequest request = requests.get(i);
            asked.add(request.question());
            List<Completion> out = new ArrayList<>();
            for (long seed : request.seeds()) {
                out.add(answer.apply(request.prompt().text(), seed));
            }
            done.accept(i, out);
        }
    }

    @Override
    public void rate(List<RatingRequest> requests, BiConsumer<Integer, List<LogLikelihood>> done) {
        for (int i = 0; i < requests.size(); i++) {
            done.accept(
                    i,
                    requests.get(i).continuations().stream()
                            .map(c -> new LogLikelihood(rating.applyAsDouble(c), 1, null))
                            .toList());
        }
    }

    @Override
    public void rateTexts(List<String> texts, BiConsumer<Integer, LogLikelihood> done) {
        for (int i = 0; i < texts.size(); i++) {
            done.accept(i, new LogLikelihood(rating.applyAsDouble(texts.get(i)), 1, null));
        }
    }

    @Override
    public void close() {
        // nothing is open
    }
}
