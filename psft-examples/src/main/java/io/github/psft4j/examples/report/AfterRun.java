package io.github.psft4j.examples.report;

import java.util.List;

/**
 * One run on top of a checkpoint.
 *
 * @param method grpo, rloo or dpo
 * @param start the checkpoint: base, sft or psft
 * @param seed of problems, samples and order
 * @param settings of the method
 * @param points evaluations in the order of their steps; the first is the start
 */
public record AfterRun(String method, String start, long seed, String settings, List<Point> points) {

    /**
     * One evaluation on held-out problems, greedy.
     *
     * @param step optimizer steps so far
     * @param additions share of additions that are solved
     * @param otherSkills share of the problems of the other five skills that are solved
     */
    public record Point(int step, double additions, double otherSkills) {}

    /** The points are copied. */
    public AfterRun {
        points = List.copyOf(points);
    }

    /** The last evaluation. */
    public Point last() {
        return points.get(points.size() - 1);
    }

    /** Method, start and seed, for the name of a file. */
    public String id() {
        return method + "-" + start + "-" + seed;
    }
}
