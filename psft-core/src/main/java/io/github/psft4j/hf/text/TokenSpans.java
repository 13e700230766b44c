package io.github.psft4j.hf.text;

/**
 * Tokens with the part of the text that each stands for.
 *
 * @param tokens ids
 * @param starts index of the first UTF-16 character of each token, -1 for a token that stands for no text
 * @param ends index behind its last, -1 likewise
 */
public record TokenSpans(int[] tokens, int[] starts, int[] ends) {}
