package io.github.psft4j.examples.report;

import io.github.psft4j.examples.evaluation.Difference;
import io.github.psft4j.examples.evaluation.Measurement;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Sentences computed from the numbers of a comparison. No sentence prefers a method; a difference is called one only
 * beyond {@link Difference#NOISE_LIMIT} standard errors.
 */
public final class Commentary {

    /** An NLL this much above the lowest one on the way (nats/token) is called a rise. */
    private static final double NLL_RISE = 0.005;

    private final RunComparison comparison;
    private final List<String> paragraphs = new ArrayList<>();

    /** Reads {@code comparison}. */
    public Commentary(RunComparison comparison) {
        this.comparison = comparison;
        paragraphs.add(inDomain());
        paragraphs.add(heldOutNll());
        paragraphs.add(otherSkills());
        paragraphs.add(entropy());
        paragraphs.add(optimization());
        paragraphs.add(limits());
    }

    /** One paragraph per subject. */
    public List<String> paragraphs() {
        return List.copyOf(paragraphs);
    }

    /** The paragraphs broken into lines of at most {@code width} characters, an empty line between them. */
    public String toText(int width) {
        StringBuilder text = new StringBuilder();
        for (String paragraph : paragraphs) {
            int column = 0;
            for (String word : paragraph.split(" ")) {
                boolean fits = column + 1 + word.length() <= width;
                if (column > 0) {
                    text.append(fits ? ' ' : '\n');
                    column = fits ? column + 1 : 0;
                }
                text.append(word);
                column += word.length();
            }
            text.append("\n\n");
        }
        return text.toString();
    }

    private String inDomain() {
        Function<SkillScores, Measurement> accuracy = SkillScores::inDomain;
        return "Addition: of " + problems(accuracy) + " unseen problems the base model solves " + base(accuracy)
                + ", SFT " + sft(accuracy) + " and PSFT " + psft(accuracy) + ". "
                + verdict(accuracy, "PSFT solves more", "SFT solves more", true);
    }

    private String heldOutNll() {
        return "Held-out NLL: "
                + verdict(SkillScores::nll, "SFT's is lower", "PSFT's is lower", false)
                + " " + course(comparison.sft()) + " " + course(comparison.psft());
    }

    private String otherSkills() {
        Function<SkillScores, Measurement> accuracy = SkillScores::outOfDomain;
        Difference largest = null;
        Skill where = null;
        for (Skill skill : Skill.values()) {
            Difference difference =
                    comparison.difference(scores -> scores.accuracy().get(skill));
            if (skill != Skill.ADD
                    && difference.isBeyondNoise()
                    && (largest == null || Math.abs(difference.value()) > Math.abs(largest.value()))) {
                largest = difference;
                where = skill;
            }
        }
        String perSkill = largest == null
                ? "No single skill differs beyond the noise."
                : "The largest difference in one skill is in " + where.label() + ", where "
                        + (largest.value() > 0 ? "PSFT" : "SFT") + " keeps more ("
                        + ReportNumbers.points(largest) + " points).";
        return "Other skills: fine-tuning on addition takes the accuracy on the other five from " + base(accuracy)
                + " to " + sft(accuracy) + " with SFT and " + psft(accuracy) + " with PSFT. "
                + verdict(accuracy, "PSFT keeps more", "SFT keeps more", true) + " " + perSkill;
    }

    private String entropy() {
        Difference own = comparison.difference(SkillScores::sampleEntropy);
        String claim;
        if (!own.isBeyondNoise()) {
            claim = "On own samples the paper's claim that PSFT keeps entropy up is not borne out, nor contradicted.";
        } else if (own.value() > 0) {
            claim = "On own samples this agrees with the paper's claim that PSFT keeps entropy up.";
        } else {
            claim = "On own samples this is the opposite of the paper's claim that PSFT keeps entropy up.";
        }
        return "Entropy: on the targets, "
                + lowerFirst(verdict(SkillScores::targetEntropy, "PSFT's is higher", "SFT's is higher", false))
                + " On own samples at temperature 1, "
                + lowerFirst(verdict(SkillScores::sampleEntropy, "PSFT's is higher", "SFT's is higher", false))
                + " " + claim;
    }

    private String optimization() {
        double sft = comparison.sft().finalGradNorm();
        double psft = comparison.psft().finalGradNorm();
        double clip = comparison.psft().meanClipFraction();
        String clipped = clip == 0
                ? "The clip never stopped a token: PSFT differed from SFT only by the ratio that weighs each token."
                : "The clip left " + ReportNumbers.percent(clip) + " of the trained tokens out of the gradient, "
                        + ReportNumbers.percent(highestClipFraction()) + " in the macro-batch where it bound most.";
        return "Optimization: over the last tenth of the steps the gradient norm averages " + ReportNumbers.real(sft)
                + " with SFT and " + ReportNumbers.real(psft) + " with PSFT" + comparedNorms(sft, psft) + ". "
                + clipped;
    }

    private static String comparedNorms(double sft, double psft) {
        double ratio = Math.max(sft, psft) / Math.max(Math.min(sft, psft), Double.MIN_NORMAL);
        if (ratio < 1.5) {
            return ", about the same";
        }
        String calmer = sft < psft ? "SFT" : "PSFT";
        return Shown.format(", lower with %s by a factor of %.1f", calmer, ratio);
    }

    private String limits() {
        return "How far this goes: the standard errors after +- cover the choice of problems, not that of the seed;"
                + " one seed on one small model decides nothing about PSFT in general. Try others with --seed and"
                + " --lr.";
    }

    private double highestClipFraction() {
        return MacroBatches.means(comparison.psft(), step -> step.clipFraction()).stream()
                .mapToDouble(MacroBatches.Point::value)
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    /** How a run's held-out NLL moved. */
    private static String course(RunHistory run) {
        double last = run.last().nll().value();
        SkillScores best = run.lowestNll();
        double lowest = best.nll().value();
        String sentence = run.name() + " ends at " + ReportNumbers.real(last) + " nats/token";
        return last - lowest > NLL_RISE
                ? sentence + ", up from its lowest, " + ReportNumbers.real(lowest) + " at step " + best.step() + "."
                : sentence + ", its lowest or close to it.";
    }

    private String verdict(
            Function<SkillScores, Measurement> quantity, String ifPositive, String ifNegative, boolean share) {
        Difference difference = comparison.difference(quantity);
        if (difference.isNil()) {
            return "The two do not differ on any problem.";
        }
        String size =
                share ? ReportNumbers.points(difference) + " points" : ReportNumbers.nats(difference) + " nats/token";
        if (!difference.isBeyondNoise()) {
            return "The two do not differ beyond the noise (PSFT - SFT = " + size + ").";
        }
        return (difference.value() > 0 ? ifPositive : ifNegative) + " (PSFT - SFT = " + size + ").";
    }

    private int problems(Function<SkillScores, Measurement> quantity) {
        return quantity.apply(comparison.base()).problems();
    }

    private String base(Function<SkillScores, Measurement> quantity) {
        return ReportNumbers.percent(quantity.apply(comparison.base()).value());
    }

    private String sft(Function<SkillScores, Measurement> quantity) {
        return ReportNumbers.percent(quantity.apply(comparison.sft().last()).value());
    }

    private String psft(Function<SkillScores, Measurement> quantity) {
        return ReportNumbers.percent(quantity.apply(comparison.psft().last()).value());
    }

    private static String lowerFirst(String sentence) {
        return sentence.startsWith("The") ? "t" + sentence.substring(1) : sentence;
    }
}
