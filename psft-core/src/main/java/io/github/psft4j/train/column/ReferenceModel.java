package io.github.psft4j.train.column;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.model.ModelFingerprint;
import java.util.function.Supplier;

/**
 * The frozen model that an objective compares with: one of its own, or the trained model with its adapter switched off,
 * which takes no memory.
 */
public final class ReferenceModel {

    private final CausalLm model;
    private final boolean adapterOff;

    private ReferenceModel(CausalLm model, boolean adapterOff) {
        this.model = model;
        this.adapterOff = adapterOff;
    }

    /** A model of its own. */
    public static ReferenceModel of(CausalLm model) {
        return new ReferenceModel(model, false);
    }

    /** The base inside a model with an adapter, null if it holds none. */
    public static ReferenceModel inside(CausalLm model) {
        return LoraModels.holdsBase(model) ? new ReferenceModel(model, true) : null;
    }

    /** Its graph, which computes the reference inside {@link #asReference} only. */
    CausalLm model() {
        return model;
    }

    String fingerprint() {
        return adapterOff ? ModelFingerprint.ofBase(model) : ModelFingerprint.of(model);
    }

    /** Computes with the adapter switched off, if that makes the reference. */
    <T> T asReference(Supplier<T> work) {
        if (!adapterOff) {
            return work.get();
        }
        LoraModels.switchAdapter(model, false);
        try {
            return work.get();
        } finally {
            LoraModels.switchAdapter(model, true);
        }
    }
}
