package io.github.psft4j.data.encode;

import io.github.psft4j.hf.text.TokenSpans;
import java.util.Arrays;
import java.util.List;

/**
 * A prompt and its completion as tokens of the joined text.
 *
 * <p>Where a token of the joined text would hold the end of the prompt and the beginning of the completion, both are
 * tokenised apart, so that the prompt has the ids that it has when the model is asked. The decoded text is that of the
 * joined text in any case: a tokenizer that puts a space before every text does so once.
 *
 * @param addSpecialTokens whether the prompt gets the tokens that the tokenizer adds, such as {@code <s>}
 */
record JoinedText(TextEncoder text, Fields row, String promptField, String completionField, boolean addSpecialTokens) {
    /** Texts before a completion, of which one ends where a token ends. */
    private static final List<String> ANCHORS = List.of("\n", "a", "0", ":", "a ");

    /** @param all whether the prompt is trained too */
    Encoded encode(String prompt, String completion, boolean all) {
        row.requireWellFormed(promptField, prompt);
        row.requireWellFormed(completionField, completion);
        TokenSpans joined = text.encodeWithSpans(row, completionField, prompt + completion, addSpecialTokens);
        int border = border(joined, prompt.length());
        if (border >= 0 && !reaches(joined, border, prompt.length())) {
            int[] alone = withoutAdded(prompt);
            border = alone.length == border && Arrays.mismatch(alone, 0, border, joined.tokens(), 0, border) < 0
                    ? border
                    : -1;
        }
        if (border < 0) {
            return apart(prompt, completion, joined, all);
        }
        int[] tokens = joined.tokens();
        return Encoded.of(
                Arrays.copyOf(tokens, border), text.ended(Arrays.copyOfRange(tokens, border, tokens.length)), all);
    }

    /** The first token of the text from a place on, -1 if a token holds characters on both sides of it. */
    private static int border(TokenSpans spans, int place) {
        int border = -1;
        int before = 0; // behind the last token that stands before the place
        for (int i = 0; i < spans.tokens().length; i++) {
            boolean behind = spans.ends()[i] > place;
            if (behind && spans.starts()[i] < place) {
                return -1;
            }
            if (behind && border < 0) {
                border = i;
            } else if (!behind && spans.starts()[i] >= 0) {
                before = i + 1;
            }
        }
        return border < 0 ? before : border;
    }

    /** Whether the last token before the border ends at the place; otherwise it is not clear whose a space there is. */
    private static boolean reaches(TokenSpans spans, int border, int place) {
        int last = border - 1;
        while (last >= 0 && spans.starts()[last] < 0) {
            last--;
        }
        return (last < 0 ? 0 : spans.ends()[last]) == place;
    }

    /** The prompt's own ids, without those that the tokenizer adds behind it. */
    private int[] withoutAdded(String prompt) {
        TokenSpans alone = text.encodeWithSpans(row, promptField, prompt, addSpecialTokens);
        return Arrays.copyOf(alone.tokens(), end(alone));
    }

    /** Where the tokens that stand for text, and those before them, end. */
    private static int end(TokenSpans spans) {
        int end = spans.tokens().length;
        while (end > 0 && spans.starts()[end - 1] < 0) {
            end--;
        }
        return end == 0 ? spans.tokens().length : end;
    }

    private Encoded apart(String prompt, String completion, TokenSpans joined, boolean all) {
        int end = end(joined);
        int[] ids = Arrays.copyOf(joined.tokens(), end);
        String whole = text.tokenizer().decode(ids);
        int[] alone = withoutAdded(prompt);
        int[] tail = text.encode(row, completionField, completion, false);
        for (int i = 0; !text.tokenizer().decode(concat(alone, tail)).equals(whole); i++) {
            if (i == ANCHORS.size()) { // the tokens of the joined text, trained from where they differ from the
                // prompt's
                int common = 0;
                while (common < Math.min(alone.length, end) && alone[common] == ids[common]) {
                    common++;
                }
                alone = Arrays.copyOf(ids, common);
                tail = Arrays.copyOfRange(ids, common, end);
                break;
            }
            String anchor = ANCHORS.get(i);
            TokenSpans anchored = text.encodeWithSpans(row, completionField, anchor + completion, false);
            int border = border(anchored, anchor.length());
            tail = border < 0 ? tail : Arrays.copyOfRange(anchored.tokens(), border, anchored.tokens().length);
        }
        int[] added = Arrays.copyOfRange(joined.tokens(), end, joined.tokens().length);
        return Encoded.of(alone, text.ended(concat(tail, added)), all);
    }

    private static int[] concat(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
