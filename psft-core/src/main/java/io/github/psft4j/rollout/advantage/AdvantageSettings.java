package io.github.psft4j.rollout.advantage;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/**
 * How rewards become advantages. The methods by name are {@link #of}.
 *
 * <pre>
 * A = (R - baseline) / scale, then whitened
 * </pre>
 */
public record AdvantageSettings(
        @Doc("What is subtracted from a reward.") @Value(initial = "group_mean")
        Baseline baseline,

        @Doc("What the difference is divided by.") @Value(initial = "group")
        Scale scale,

        @Doc("Added to a standard deviation that divides (TRL: 1e-4, verl: 1e-6).")
        @Value(initial = "1e-4", range = ">= 0")
        double epsilon,

        @Doc("Whether advantages are brought to mean 0 and deviation 1 over the generation batch.")
        @Value(initial = "none")
        Whitening whitening,

        @Doc("Which tokens a reward belongs to.") @Value(initial = "sequence")
        Credit credit,

        @Doc("Discount of later rewards per token, with reward_to_go and gae.")
        @Value(initial = "1", range = "> 0 and <= 1")
        double gamma,

        @Doc("Weight of later differences per token, with gae: 1 trusts the rewards alone, 0 the critic.")
        @Value(initial = "0.95", range = ">= 0 and <= 1")
        double lambda,

        @Doc("Weight of the past in the moving average.") @Value(initial = "0.9", range = ">= 0 and < 1")
        double decay) {

    /** @throws ParameterException naming the setting, its value and its range */
    public AdvantageSettings {
        Setting.check(AdvantageSettings.class, baseline, scale, epsilon, whitening, credit, gamma, lambda, decay);
    }

    /** With the default lambda of GAE. */
    public AdvantageSettings(
            Baseline baseline,
            Scale scale,
            double epsilon,
            Whitening whitening,
            Credit credit,
            double gamma,
            double decay) {
        this(baseline, scale, epsilon, whitening, credit, gamma, 0.95, decay);
    }

    /** GRPO: {@code (R - mean) / (std + 1e-4)} of the group. */
    public static AdvantageSettings grpo() {
        return simple(Baseline.GROUP_MEAN, Scale.GROUP);
    }

    /** A baseline and a scale, everything else at its default. */
    public static AdvantageSettings simple(Baseline baseline, Scale scale) {
        return new AdvantageSettings(baseline, scale, 1e-4, Whitening.NONE, Credit.SEQUENCE, 1, 0.9);
    }

    /** What the authors of a policy gradient take, by the name of its objective; GRPO's for any other. */
    public static AdvantageSettings of(String objective) {
        return switch (objective) {
            case "dr-grpo" -> simple(Baseline.GROUP_MEAN, Scale.NONE);
            case "rloo" -> simple(Baseline.LEAVE_ONE_OUT, Scale.NONE);
            case "reinforce" -> simple(Baseline.BATCH_MEAN, Scale.NONE);
            case "reinforce-plus-plus" -> ofTokens(Credit.REWARD_TO_GO);
            default -> grpo();
        };
    }

    /** PPO with a critic: gamma 1, lambda 0.95, whitened over all tokens. */
    public static AdvantageSettings gae() {
        return ofTokens(Credit.GAE);
    }

    private static AdvantageSettings ofTokens(Credit credit) {
        return new AdvantageSettings(Baseline.NONE, Scale.NONE, 1e-4, Whitening.TOKENS, credit, 1, 0.9);
    }

    /** Whether the advantage of a completion depends on the others of its prompt, so that one alone has none. */
    public boolean needsGroups() {
        return List.of(Baseline.GROUP_MEAN, Baseline.LEAVE_ONE_OUT).contains(baseline) || scale == Scale.GROUP;
    }
}
