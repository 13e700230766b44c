package io.github.psft4j.examples;

import io.github.psft4j.data.Demonstration;
import io.github.psft4j.data.PaddedBatch;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenLoss;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The relatives of SFT as {@link ObjectiveComparison} trains them: defaults, and what must be calibrated. */
final class Family {

    /** What the others are compared with. */
    static final TokenObjective SFT = new SftObjective();

    private static final int BATCH = 64;

    private Family() {}

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
        double below = 1 - SedSftObjective.DEFAULT_EXPLORING_SHARE;
        family.put("sed-sft", sed.calibrated(topMasses(base, demonstrations, sed), below));
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

    /** Mass of the likeliest tokens at every demonstrated token. */
    private static double[] topMasses(CausalLm model, List<Demonstration> demonstrations, SedSftObjective sed) {
        List<Double> masses = new ArrayList<>();
        TokenLoss before = model.loss();
        TokenLoss loss = new TokenLoss(sed);
        model.setLoss(loss);
        try {
            for (int from = 0; from < demonstrations.size(); from += BATCH) {
                List<Demonstration> part = demonstrations.subList(from, Math.min(demonstrations.size(), from + BATCH));
                model.graph().clearLayerMaskArrays();
                model.graph().score(PaddedBatch.of(part, 1), false);
                for (int t = 0; t < loss.trace().tokens().size(); t++) {
                    masses.add(loss.trace().tokens().top().mass(t, sed.topK()));
                }
            }
        } finally {
            model.graph().clearLayerMaskArrays();
            model.setLoss(before);
        }
        return masses.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
