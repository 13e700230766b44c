package io.github.psft4j.eval.overlap;

/** Hashes of all pieces of 25 characters of a text, each made from the one before it. */
final class RollingHash {

    private static final int PIECE = EvaluationTexts.PIECE;
    private static final long BASE = 0x100000001B3L;
    private static final long LEAVING = power();

    private RollingHash() {}

    private static long power() {
        long power = 1;
        for (int i = 1; i < PIECE; i++) {
            power *= BASE;
        }
        return power;
    }

    /** The hash of the piece that begins at each character; none if the text is shorter than a piece. */
    static long[] all(String text) {
        long[] hashes = new long[Math.max(0, text.length() - PIECE + 1)];
        long hash = 0;
        for (int end = 0; end < text.length(); end++) {
            long leaving = end < PIECE ? 0 : text.charAt(end - PIECE) * LEAVING;
            hash = (hash - leaving) * BASE + text.charAt(end);
            if (end >= PIECE - 1) {
                hashes[end - PIECE + 1] = mixed(hash);
            }
        }
        return hashes;
    }

    /** Spreads the hash, so that the least one is any of them. */
    private static long mixed(long hash) {
        long mixed = (hash ^ hash >>> 32) * 0x9E3779B97F4A7C15L;
        return mixed ^ mixed >>> 29;
    }
}
