package io.github.psft4j.eval.overlap;

import java.util.List;
import java.util.Set;

/**
 * A text of the evaluation data that a training row shares.
 *
 * @param evaluation places of the rows with the text, {@code file:line}
 * @param column of the text, such as {@code messages[0].content}
 * @param training place of the training row
 * @param kinds that apply, at least one
 * @param words of the longest shared run of words
 * @param share of the words of the text in shared runs of 8 and more, 0 to 1
 * @param characters of the longest shared run of characters
 * @param shared the longest shared run, in small letters without signs
 */
public record Overlap(
        List<String> evaluation,
        String column,
        String training,
        Set<OverlapKind> kinds,
        int words,
        double share,
        int characters,
        String shared) {}
