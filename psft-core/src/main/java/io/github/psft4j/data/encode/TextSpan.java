package io.github.psft4j.data.encode;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A run of tokens that are all trained or all not, as text.
 *
 * @param text decoded with special tokens written out
 * @param tokens number of tokens
 * @param trained whether they are trained
 */
public record TextSpan(String text, int tokens, boolean trained) {

    /** A demonstration as text, cut where the mask changes; the texts joined are the whole decoded text. */
    public static List<TextSpan> of(Demonstration demonstration, Tokenizer tokenizer) {
        int[] tokens = demonstration.tokens();
        boolean[] mask = demonstration.lossMask();
        List<TextSpan> spans = new ArrayList<>();
        String before = "";
        for (int from = 0, to = 1; from < tokens.length; from = to, to++) {
            while (to < tokens.length && mask[to] == mask[from]) {
                to++;
            }
            // The text up to here less the text before: decoding a run on its own would strip its leading space.
            String upTo = tokenizer.decode(Arrays.copyOf(tokens, to));
            int common = MessageParts.common(before, upTo);
            spans.add(new TextSpan(upTo.substring(common), to - from, mask[from]));
            before = upTo;
        }
        return spans;
    }
}
