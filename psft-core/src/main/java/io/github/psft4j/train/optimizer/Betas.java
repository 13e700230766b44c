package io.github.psft4j.train.optimizer;

/**
 * Decay of AdamW's moments per step.
 *
 * @param beta1 of the first moment
 * @param beta2 of the second moment
 */
public record Betas(double beta1, double beta2) {

    /** Reads two numbers with a comma between. */
    public static Betas parse(String text) {
        String[] numbers = text.split(",", -1);
        if (numbers.length != 2) {
            throw new IllegalArgumentException("two numbers, was " + text);
        }
        return new Betas(Double.parseDouble(numbers[0].trim()), Double.parseDouble(numbers[1].trim()));
    }
}
