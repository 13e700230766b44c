package io.github.psft4j.examples.evaluation;

/**
 * A difference of two measurements and how far it would scatter if other problems had been drawn.
 *
 * @param value the difference
 * @param standardError its standard error over the draw of problems; NaN if there was only one problem
 */
public record Difference(double value, double standardError) {

    /** Standard errors beyond which a difference is called larger than the noise: about one in twenty by chance. */
    public static final double NOISE_LIMIT = 2;

    /** Whether the difference is larger than the choice of problems explains. */
    public boolean isBeyondNoise() {
        return Math.abs(value) > NOISE_LIMIT * standardError;
    }

    /** Whether both models gave the same result on every problem. */
    public boolean isNil() {
        return value == 0 && standardError == 0;
    }
}
