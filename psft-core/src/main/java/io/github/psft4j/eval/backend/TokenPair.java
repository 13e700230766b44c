package io.github.psft4j.eval.backend;

/**
 * A prompt and its continuation.
 *
 * @param ids of both
 * @param front how many of them are the prompt's
 */
record TokenPair(int[] ids, int front) {

    /** Tokens that count. */
    int counted() {
        return ids.length - front;
    }
}
