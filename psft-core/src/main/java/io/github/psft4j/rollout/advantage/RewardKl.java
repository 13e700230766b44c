package io.github.psft4j.rollout.advantage;

import io.github.psft4j.loss.KlForm;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;

/**
 * A KL to the reference inside the reward: {@code R - beta sum(kl)}, with the policy as it was when it sampled. Its
 * estimate is not differentiated; the policy gradient makes it one of the KL.
 */
public record RewardKl(
        @Doc("Weight of the KL to the reference in the reward, 0 for none.") @Value(initial = "0", range = ">= 0")
        double beta,

        @Doc("Estimator of that KL at each token: k1 is unbiased there.") @Value(initial = "k1")
        KlForm kl) {

    /** None. */
    public static final RewardKl NONE = new RewardKl(0, KlForm.K1);

    /** @throws ParameterException naming the setting, its value and its range */
    public RewardKl {
        Setting.check(RewardKl.class, beta, kl);
        ParameterException.check(
                kl != KlForm.K3_RATIO && kl != KlForm.FULL, "kl", "must be K1, K2 or K3 in a reward", kl);
    }

    /** Whether there is one. */
    public boolean isOn() {
        return beta > 0;
    }
}
