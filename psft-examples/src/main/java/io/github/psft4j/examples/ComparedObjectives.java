package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.regularizer.EntropyBonus;
import io.github.psft4j.losses.regularizer.LabelSmoothing;
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
import io.github.psft4j.model.CausalLm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The relatives of SFT as {@link ObjectiveComparison} trains them: defaults, and what must be calibrated. */
final class ComparedObjectives {

    /** The objective that the others are compared with. */
    static final TokenObjective SFT = new SftObjective();

    private static final int BATCH = 64;

    private ComparedObjectives() {}

    /** Objectives by name; SED-SFT's threshold is measured on the demonstrations under the base model. */
    static Map<String, TokenObjective> of(CausalLm base, List<Demonstration> demonstrations) {
        Map<String, TokenObjective> family = new LinkedHashMap<>();
        family.put("sft", SFT);
        family.put("psft", new PsftObjective());
        family.put("dft", new DftObjective());
        family.put("asft", new AsftObjective());
        family.put("sft-kl forward", new SftKlObjective());
        family.put("sft-kl reverse", new SftKlObjective(SftKlObjective.Divergence.REVERSE, 0.5));
        family.put("sft-kl k3", new SftKlObjective(SftKlObjective.Divergence.K3, 0.5));
        family.put("iw-sft-sequence", new IwSftSequenceObjective());
        family.put("iw-sft-step", new IwSftStepObjective());
        SedSftObjective sed = new SedSftObjective();
        double below = SedSftObjective.DEFAULT_EXPLORING_SHARE;
        family.put("sed-sft", sed.calibrated(new Scorer(base, BATCH).topMasses(demonstrations, sed.topK()), below));
        family.put("eaft", new EaftObjective());
        family.put("profit", new ProfitObjective());
        family.put("trsft", new TrsftObjective());
        family.put("chord-phi", new ChordPhiObjective());
        family.put("cadft", new CadftObjective());
        family.put("gift", new GiftObjective());
        family.put("focal", new FocalObjective());
        family.put("label-smoothing", new LabelSmoothing());
        family.put("sft + 0.01 entropy", SFT.plus(0.01, new EntropyBonus()));
        return family;
    }
}
