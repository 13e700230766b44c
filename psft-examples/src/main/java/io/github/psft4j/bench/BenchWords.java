package io.github.psft4j.bench;

import io.github.psft4j.kernel.Precision;
import java.util.List;

/** Option values of benchmarks. */
public final class BenchWords {

    private BenchWords() {}

    /**
     * {@code f32}, {@code bf16}, or {@code int8} for generation.
     *
     * @throws IllegalArgumentException naming the word, for any other
     */
    public static Precision precision(String word) {
        return switch (word) {
            case "f32" -> Precision.F32;
            case "bf16" -> Precision.BF16;
            case "int8" -> Precision.INT8;
            default -> throw new IllegalArgumentException("precision must be f32, bf16 or int8, was " + word);
        };
    }

    /**
     * {@code sft}, {@code psft} or {@code dpo}.
     *
     * @throws IllegalArgumentException naming the word, for any other
     */
    public static String objective(String word) {
        if (!List.of("sft", "psft", "dpo").contains(word)) {
            throw new IllegalArgumentException("objective must be sft, psft or dpo, was " + word);
        }
        return word;
    }
}
