package io.github.psft4j.losses;

import io.github.psft4j.loss.ObjectiveProvider;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.preference.DpoMixObjective;
import io.github.psft4j.losses.preference.DpoObjective;
import io.github.psft4j.losses.preference.KtoObjective;
import io.github.psft4j.losses.preference.OrpoObjective;
import io.github.psft4j.losses.preference.SimpoObjective;
import io.github.psft4j.losses.regularizer.EntropyBonus;
import io.github.psft4j.losses.regularizer.ForwardKl;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.losses.regularizer.LabelSmoothing;
import io.github.psft4j.losses.regularizer.ReverseKl;
import io.github.psft4j.losses.regularizer.ZLoss;
import io.github.psft4j.losses.rl.BnpoObjective;
import io.github.psft4j.losses.rl.CispoObjective;
import io.github.psft4j.losses.rl.DapoObjective;
import io.github.psft4j.losses.rl.DrGrpoObjective;
import io.github.psft4j.losses.rl.GrpoObjective;
import io.github.psft4j.losses.rl.GspoObjective;
import io.github.psft4j.losses.rl.PpoClipObjective;
import io.github.psft4j.losses.rl.ReinforceObjective;
import io.github.psft4j.losses.rl.ReinforcePlusPlusObjective;
import io.github.psft4j.losses.rl.RlooObjective;
import io.github.psft4j.losses.rl.SapoObjective;
import io.github.psft4j.losses.sft.AsftObjective;
import io.github.psft4j.losses.sft.CadftObjective;
import io.github.psft4j.losses.sft.ChordPhiObjective;
import io.github.psft4j.losses.sft.DftObjective;
import io.github.psft4j.losses.sft.EaftObjective;
import io.github.psft4j.losses.sft.FocalObjective;
import io.github.psft4j.losses.sft.GiftObjective;
import io.github.psft4j.losses.sft.IwSftSequenceObjective;
import io.github.psft4j.losses.sft.IwSftStepObjective;
import io.github.psft4j.losses.sft.ProfitObjective;
import io.github.psft4j.losses.sft.SedSftObjective;
import io.github.psft4j.losses.sft.SftKlObjective;
import io.github.psft4j.losses.sft.TrsftObjective;
import java.util.List;

/** The objectives of this module, for the registry. */
public final class Objectives implements ObjectiveProvider {

    @Override
    public List<TokenObjective> objectives() {
        return List.of(
                // relatives of SFT
                new DftObjective(),
                new AsftObjective(),
                new SftKlObjective(),
                new IwSftSequenceObjective(),
                new IwSftStepObjective(),
                new SedSftObjective(),
                new EaftObjective(),
                new ProfitObjective(),
                new TrsftObjective(),
                new ChordPhiObjective(),
                new CadftObjective(),
                new GiftObjective(),
                new FocalObjective(),
                // regularizers
                new ForwardKl(),
                new ReverseKl(),
                new KlEstimator(),
                new EntropyBonus(),
                new LabelSmoothing(),
                new ZLoss(),
                // policy gradients
                new PpoClipObjective(),
                new GrpoObjective(),
                new DrGrpoObjective(),
                new CispoObjective(),
                new ReinforceObjective(),
                new GspoObjective(),
                new BnpoObjective(),
                new DapoObjective(),
                new SapoObjective(),
                new RlooObjective(),
                new ReinforcePlusPlusObjective(),
                // preferences
                new DpoObjective(),
                new DpoMixObjective(),
                new KtoObjective(),
                new SimpoObjective(),
                new OrpoObjective());
    }
}
