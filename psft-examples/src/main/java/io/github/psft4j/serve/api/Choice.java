package io.github.psft4j.serve.api;

import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import io.github.psft4j.transformer.generation.LikelyTokens;
import io.github.psft4j.transformer.generation.StreamedToken;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** One choice while it grows. */
final class Choice {

    /**
     * A token of the answer with its log-prob.
     *
     * @param logProb null for the first token of a prompt, which nothing predicts
     * @param likely null if none are wanted
     */
    record Token(int id, Float logProb, LikelyTokens likely) {}

    final int index;
    final int prompt;
    final StringBuilder text = new StringBuilder(); // with the prompt, if it is repeated
    final List<Token> tokens = new ArrayList<>(); // with log-probs only
    final Deque<StreamedToken> pending = new ArrayDeque<>(); // not sent yet
    int generated; // tokens
    int offset; // characters of the tokens that have been sent
    Finish finish; // null while it grows
    boolean begun; // whether a part has been sent
    boolean sent; // whether the last part has been sent

    Choice(int index, int prompt) {
        this.index = index;
        this.prompt = prompt;
    }

    static Token token(StreamedToken token) {
        return new Token(token.id(), (float) token.logProb(), token.likely());
    }

    /** OpenAI's name of why it ended. */
    String finishReason() {
        return finish == Finish.LENGTH ? "length" : "stop";
    }
}
