package io.github.psft4j.spark;

import io.github.psft4j.io.RefusedException;
import java.util.Locale;
import org.apache.spark.SparkConf;

/** The type in which weights and gradients travel; sums, moments and the driver's weights are float in any case. */
enum Wire {
    F32,

    /** Half the bytes: executors compute with rounded weights, and each slice's gradient is rounded. */
    BF16;

    /** Property of Spark that chooses it, {@code f32} unless set. */
    static final String PROPERTY = "spark.psft.wire";

    /** Of a number. */
    int bytes() {
        return this == BF16 ? Short.BYTES : Float.BYTES;
    }

    /** @throws RefusedException for another word than these */
    static Wire of(SparkConf conf) {
        String word = conf.get(PROPERTY, "f32");
        try {
            return valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(PROPERTY + " is " + word + "; it takes f32 (the default) or bf16", e);
        }
    }
}
