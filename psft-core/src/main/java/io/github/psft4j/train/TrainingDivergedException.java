package io.github.psft4j.train;

/**
 * Several optimizer steps in a row had a loss or gradient that was not finite; the weights are those before the first
 * of them.
 */
public final class TrainingDivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TrainingDivergedException(int inARow, int step, String reason) {
        super(inARow + " steps in a row were skipped, the last at step " + step + ": " + reason
                + ". The weights are unchanged since the first of them; lower the learning rate, or lower maxGradNorm,"
                + " or look for damaged data");
    }
}
