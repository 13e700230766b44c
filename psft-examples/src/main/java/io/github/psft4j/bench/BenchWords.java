package io.github.psft4j.bench;

import io.github.psft4j.kernel.Precision;

/** Option values of benchmarks. */
public final class BenchWords {

    private BenchWords() {}

    /**
     * {@code f32} or {@code bf16}.
     *
     * @throws IllegalArgumentException naming the word, for any other
     */
    public static Precision precision(String word) {
        return switch (word) {
            case "f32" -> Precision.F32;
            case "bf16" -> Precision.BF16;
            default -> throw new IllegalArgumentException("precision must be f32 or bf16, was " + word);
        };
    }

    /**
     * Whether it is {@code psft}, not {@code sft}.
     *
     * @throws IllegalArgumentException naming the word, for any other
     */
    public static boolean isPsft(String word) {
        return switch (word) {
            case "psft" -> true;
            case "sft" -> false;
            default -> throw new IllegalArgumentException("objective must be sft or psft, was " + word);
        };
    }
}
