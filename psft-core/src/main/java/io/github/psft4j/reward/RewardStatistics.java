package io.github.psft4j.reward;

import java.util.List;

/**
 * Mean and deviation of the samples that have a number.
 *
 * @param mean NaN if no sample has a number
 * @param deviation with n - 1; NaN below two numbers, exactly 0 if all are equal
 * @param numbers samples with a number
 * @param notApplicable samples on which the function has no opinion
 * @param failed samples on which it failed
 */
public record RewardStatistics(double mean, double deviation, int numbers, int notApplicable, int failed) {

    /** Of any values. Sums are in double, around the first number, so equal values give that value exactly. */
    public static RewardStatistics of(List<RewardValue> values) {
        double[] numbers = values.stream()
                .filter(RewardValue::isNumber)
                .mapToDouble(RewardValue::value)
                .toArray();
        int failed = (int) values.stream()
                .filter(v -> v.state() == RewardValue.State.FAILED)
                .count();
        int n = numbers.length;
        double mean = Double.NaN;
        double deviation = Double.NaN;
        if (n > 0) {
            double shift = 0;
            for (double x : numbers) {
                shift += x - numbers[0];
            }
            mean = numbers[0] + shift / n;
        }
        if (n > 1) {
            double squares = 0;
            for (double x : numbers) {
                squares += (x - mean) * (x - mean);
            }
            deviation = Math.sqrt(squares / (n - 1));
        }
        return new RewardStatistics(mean, deviation, n, values.size() - n - failed, failed);
    }
}
