package io.github.psft4j.transformer.generation;

import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/** One sequence while it grows, chosen and ended by its own settings. */
final class GeneratedSequence {

    private static final int FIRST_NEW = 64;

    final int index;
    final int group; // sequences of a group have the same prompt
    final int promptLength;
    final int limit; // most tokens, prompt included
    final GenerationConfig settings;
    final SplittableRandom random;
    int[] tokens;
    int length;
    Finish finish; // null while it grows
    TextStream text; // null without a tokenizer
    int top; // how many likeliest tokens are wanted at each position
    LikelyTokens likely; // at the last position; null if none are wanted
    float[] logProbs; // of the new tokens
    private float[] entropies;
    private BitSet seen; // null without a repetition penalty
    int[] seenIds = new int[0]; // ids of prompt and continuation, each once, for the repetition penalty
    int seenCount; // elements of seenIds that count

    GeneratedSequence(
            int index, int group, int[] prompt, int limit, SplittableRandom random, GenerationConfig settings) {
        this.index = index;
        this.group = group;
        this.promptLength = prompt.length;
        this.limit = limit;
        this.tokens = prompt.clone();
        this.length = prompt.length;
        this.logProbs = new float[Math.min(limit - prompt.length, FIRST_NEW)];
        this.entropies = new float[logProbs.length];
        this.settings = settings;
        this.random = random;
        if (settings.repetitionPenalty() != 1) {
            seen = new BitSet();
            for (int id : prompt) {
                see(id);
            }
        }
    }

    private void see(int id) {
        if (!seen.get(id)) {
            seen.set(id);
            if (seenCount == seenIds.length) {
                seenIds = Arrays.copyOf(seenIds, Math.max(FIRST_NEW, 2 * seenCount));
            }
            seenIds[seenCount++] = id;
        }
    }

    void append(int token, double logProb, double entropy) {
        int at = length - promptLength;
        if (at == logProbs.length) {
            int room = Math.min(limit - promptLength, 2 * at);
            logProbs = Arrays.copyOf(logProbs, room);
            entropies = Arrays.copyOf(entropies, room);
        }
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, promptLength + logProbs.length);
        }
        logProbs[at] = (float) logProb;
        entropies[at] = (float) entropy;
        tokens[length++] = token;
        if (seen != null) {
            see(token);
        }
        if (settings.stop().ids().contains(token)) {
            finish = Finish.STOP_ID;
        } else if (length == limit) {
            finish = Finish.LENGTH;
        }
    }

    /** Takes the last token into the text, and ends the sequence where that has come to a stop string. */
    void addText(Detokenizer detokenizer) {
        if (text == null) {
            text = new TextStream(detokenizer, settings.stop().strings(), promptLength);
        }
        if (text.add(tokens, length, finish != null)) {
            finish = Finish.STOP_STRING;
        }
    }

    /** Log-prob of the last token, nats. */
    double lastLogProb() {
        return logProbs[length - 1 - promptLength];
    }

    GenerationResult result() {
        int added = length - promptLength;
        return new GenerationResult(
                Arrays.copyOf(tokens, length),
                promptLength,
                Arrays.copyOf(logProbs, added),
                Arrays.copyOf(entropies, added),
                text == null ? null : text.text(),
                finish);
    }
}
