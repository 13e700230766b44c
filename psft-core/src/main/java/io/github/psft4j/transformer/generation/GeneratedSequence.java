package io.github.psft4j.transformer.generation;

import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.SplittableRandom;

/** One sequence while it grows, chosen and ended by its own settings. */
final class GeneratedSequence {

    private static final int FIRST_NEW = 64;

    /**
     * A token that was chosen, but is not part of the sequence yet.
     *
     * @param likely null if none are wanted
     */
    record Token(int id, double logProb, double entropy, LikelyTokens likely) {}

    final int index;
    final int group; // sequences of a group have the same prompt
    final int promptLength;
    final int limit; // most tokens, prompt included
    final GenerationConfig settings;
    private final SplittableRandom random;
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
    private int seenCount; // elements of seenIds that count; proposed ids follow
    private int[] proposal = {}; // tokens that may follow
    private int[] seenBehind = {}; // by token of the proposal: elements of seenIds that count behind it
    private double[] drawn = {}; // random numbers of the next tokens
    private int drawnCount; // elements of drawn that count
    private final Deque<Token> accepted = new ArrayDeque<>();
    private int proposedCount;
    private int acceptedCount; // of the proposed tokens

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
            seenCount = keep(id, seenCount);
        }
    }

    private int keep(int id, int count) {
        if (count == seenIds.length) {
            seenIds = Arrays.copyOf(seenIds, Math.max(FIRST_NEW, 2 * count));
        }
        seenIds[count] = id;
        return count + 1;
    }

    /** Proposes tokens that may follow, as many as the settings allow and at most so many. */
    int[] propose(int most) {
        if (settings.lookup() == 0) {
            return proposal;
        }
        int room = Math.min(most, limit - length - 1); // a pass adds one more
        proposal = PromptLookup.propose(tokens, length, Math.min(settings.lookup(), room));
        proposedCount += proposal.length;
        if (seen != null) {
            seenBehind = new int[proposal.length];
            BitSet all = (BitSet) seen.clone();
            int count = seenCount;
            for (int j = 0; j < proposal.length; j++) {
                count = all.get(proposal[j]) ? count : keep(proposal[j], count);
                all.set(proposal[j]);
                seenBehind[j] = count;
            }
        }
        return proposal;
    }

    /** Whether the token at a place of the proposal is this one. */
    boolean proposes(int place, int token) {
        return proposal[place] == token;
    }

    /** Elements of {@link #seenIds} that count behind so many tokens of the proposal. */
    int seenCount(int ahead) {
        return ahead == 0 || seen == null ? seenCount : seenBehind[ahead - 1];
    }

    /** Draws the random number of the token that follows so many others, unless it is there. */
    void drawUpTo(int ahead) {
        while (settings.temperature() > 0 && drawnCount <= ahead) {
            drawn = drawnCount < drawn.length ? drawn : Arrays.copyOf(drawn, drawnCount + 1);
            drawn[drawnCount++] = random.nextDouble();
        }
    }

    /** The random number of the token that follows so many others; any if greedy. */
    double drawn(int ahead) {
        return settings.temperature() > 0 ? drawn[ahead] : 0;
    }

    /** Keeps a token that follows those that were accepted. */
    void accept(Token token) {
        accepted.add(token);
    }

    /** Tokens that were accepted and are not appended yet. */
    int accepted() {
        return accepted.size();
    }

    /** Appends the first token that was accepted. */
    void appendFirst() {
        Token token = accepted.remove();
        likely = token.likely;
        if (drawnCount > 0) {
            System.arraycopy(drawn, 1, drawn, 0, --drawnCount);
        }
        append(token.id, token.logProb, token.entropy);
    }

    /** Appends the next token of the proposal that was accepted; false if the sequence has ended or there is none. */
    boolean appendProposed() {
        if (finish != null || accepted.isEmpty()) {
            return false;
        }
        acceptedCount++;
        appendFirst();
        return true;
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
                finish,
                proposedCount,
                acceptedCount);
    }
}
