package io.github.psft4j.rollout.advantage;

import java.util.Arrays;

/** The statistics of one batch of rewards, and what they make of each. */
final class Rewards {

    private final double[] values; // [rows], NaN where none applied
    private final double[][] ofGroup; // [rows], the known rewards of the row's group; shared
    private final AdvantageSettings settings;
    private final double average; // moving, before this batch
    private final double batchMean;
    private final double batchDeviation;

    Rewards(double[] values, int[][] groups, AdvantageSettings settings, double average) {
        this.values = values;
        this.settings = settings;
        this.average = average;
        double[] known = Advantages.known(values);
        this.batchMean = Moments.mean(known);
        this.batchDeviation = Moments.deviation(known);
        this.ofGroup = new double[values.length][];
        for (int[] rows : groups) {
            if (rows.length < 2 && settings.needsGroups()) {
                throw new IllegalArgumentException("a prompt has one completion alone, from which baseline "
                        + settings.baseline() + " and scale " + settings.scale()
                        + " say nothing; sample at least 2 per prompt, or take another baseline and scale");
            }
            double[] group = Advantages.known(
                    Arrays.stream(rows).mapToDouble(i -> values[i]).toArray());
            for (int row : rows) {
                ofGroup[row] = group;
            }
        }
    }

    double baseline(int row) {
        double[] group = ofGroup[row];
        return switch (settings.baseline()) {
            case NONE -> 0;
            case BATCH_MEAN -> batchMean;
            case GROUP_MEAN -> Moments.mean(group);
            case LEAVE_ONE_OUT -> othersMean(row, group);
            case MOVING_AVERAGE -> average;
        };
    }

    /** The mean of the group's other rewards; its own where there is no other. */
    private double othersMean(int row, double[] group) {
        double mean = Moments.mean(group);
        return group.length < 2 || mean == values[row] && Moments.variance(group) == 0
                ? mean
                : (mean * group.length - values[row]) / (group.length - 1);
    }

    /** NaN where no reward applied. */
    double advantage(int row) {
        double difference = values[row] - baseline(row);
        if (difference == 0 || Double.isNaN(difference)) {
            return difference;
        }
        return switch (settings.scale()) {
            case NONE -> difference;
            case GROUP -> difference / (Moments.deviation(ofGroup[row]) + settings.epsilon());
            case BATCH -> difference / (batchDeviation + settings.epsilon());
            case MEAN -> difference / positive(Moments.mean(ofGroup[row]));
        };
    }

    private static double positive(double mean) {
        if (mean <= 0) {
            throw new IllegalArgumentException("scale MEAN divides by the mean reward of a group, which is " + mean
                    + "; it is for rewards of 0 and above");
        }
        return mean;
    }
}
