package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Difference;
import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The results as rows of text, for the console and the HTML report alike. */
public final class ResultTable {

    /** Marks a difference of more than {@link Difference#NOISE_LIMIT} standard errors. */
    static final String BEYOND_NOISE = " *";

    /** The meaning of the last column. */
    public static final String LEGEND = "PSFT - SFT: difference +- its standard error over the problems (paired);"
            + " * marks a difference of more than two standard errors.";

    /** Column headings. */
    static final Row HEADING = new Row("", "base", "SFT", "PSFT", "PSFT - SFT");

    /**
     * One row.
     *
     * @param label what was measured
     * @param base the base model's value, empty where it has none
     * @param sft after SFT
     * @param psft after PSFT
     * @param difference PSFT minus SFT with its standard error over the problems, empty where there is none
     */
    record Row(String label, String base, String sft, String psft, String difference) {
        List<String> cells() {
            return List.of(label, base, sft, psft, difference);
        }
    }

    private final RunComparison comparison;
    private final List<Row> rows = new ArrayList<>();

    /** Lays out the final results of {@code comparison}. */
    public ResultTable(RunComparison comparison) {
        this.comparison = comparison;
        share("addition, unseen, greedy (in-domain)", SkillScores::inDomain);
        for (Skill skill : Skill.values()) {
            if (skill != Skill.ADD) {
                share(skill.label(), scores -> scores.accuracy().get(skill));
            }
        }
        share("the other five skills", SkillScores::outOfDomain);
        nats("held-out NLL, nats/token", SkillScores::nll);
        nats("entropy on targets, nats/token", SkillScores::targetEntropy);
        nats("entropy on own samples, nats/token", SkillScores::sampleEntropy);
        RunHistory sft = comparison.sft();
        RunHistory psft = comparison.psft();
        plain("grad norm, last tenth of the steps", gradNorm(sft), gradNorm(psft));
        plain("clip fraction, all steps", "", ReportNumbers.percent(psft.meanClipFraction()));
        plain(
                "tokens/s in training, in turn",
                speed(comparison.speeds().sft()),
                speed(comparison.speeds().psft()));
    }

    /** The rows below {@link #HEADING}. */
    List<Row> rows() {
        return List.copyOf(rows);
    }

    /** Aligned ASCII text, one line per row, ending in a line break. */
    public String toText() {
        List<Row> all = new ArrayList<>(rows);
        all.add(0, HEADING);
        int[] widths = new int[HEADING.cells().size()];
        for (Row row : all) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] =
                        Math.max(widths[column], row.cells().get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (Row row : all) {
            text.append(line(row, widths)).append('\n');
            if (row == HEADING) {
                String rule = Arrays.stream(widths).mapToObj("-"::repeat).collect(Collectors.joining("  "));
                text.append(rule).append('\n');
            }
        }
        return text.toString();
    }

    private static String line(Row row, int[] widths) {
        StringBuilder line = new StringBuilder(String.format("%-" + widths[0] + "s", row.label()));
        for (int column = 1; column < widths.length; column++) {
            line.append("  ");
            line.append(String.format(
                    "%" + Math.max(1, widths[column]) + "s", row.cells().get(column)));
        }
        return line.toString().stripTrailing();
    }

    private void share(String label, Function<SkillScores, Measurement> quantity) {
        row(label, quantity, ReportNumbers::percent, ReportNumbers::points);
    }

    private void nats(String label, Function<SkillScores, Measurement> quantity) {
        row(label, quantity, ReportNumbers::real, ReportNumbers::nats);
    }

    private void row(
            String label,
            Function<SkillScores, Measurement> quantity,
            DoubleFunction<String> number,
            Function<Difference, String> plusMinus) {
        Function<SkillScores, String> cell =
                scores -> number.apply(quantity.apply(scores).value());
        Difference difference = comparison.difference(quantity);
        rows.add(new Row(
                label,
                cell.apply(comparison.base()),
                cell.apply(comparison.sft().last()),
                cell.apply(comparison.psft().last()),
                plusMinus.apply(difference) + (difference.isBeyondNoise() ? BEYOND_NOISE : "  ")));
    }

    private void plain(String label, String sft, String psft) {
        rows.add(new Row(label, "", sft, psft, ""));
    }

    private static String gradNorm(RunHistory run) {
        return ReportNumbers.real(run.finalGradNorm());
    }

    private static String speed(double tokensPerSecond) {
        return Shown.format("%,.0f", tokensPerSecond);
    }
}
