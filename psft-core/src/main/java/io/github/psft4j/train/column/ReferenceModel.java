package io.github.psft4j.train.column;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.model.ModelFingerprint;
import java.util.function.Supplier;

/**
 * The frozen model that an objective compares with. It is one of its own, the trained model with its adapter switched
 * off, or the trained model before its first step. The last two take no memory.
 */
public final class ReferenceModel {

    private enum Kind {
        OWN,
        ADAPTER_OFF,
        AT_START
    }

    private final CausalLm model;
    private final Kind kind;

    private ReferenceModel(CausalLm model, Kind kind) {
        this.model = model;
        this.kind = kind;
    }

    /** A model of its own. */
    public static ReferenceModel of(CausalLm model) {
        return new ReferenceModel(model, Kind.OWN);
    }

    /** The trained model itself, before its first step: it can be asked until then only. */
    public static ReferenceModel atStart(CausalLm model) {
        return new ReferenceModel(model, Kind.AT_START);
    }

    /** Whether its scores must be taken before the model is trained. */
    boolean isAtStart() {
        return kind == Kind.AT_START;
    }

    /** Whether the model is the reference while its adapter is switched off. */
    boolean isAdapterOff() {
        return kind == Kind.ADAPTER_OFF;
    }

    /** The base inside a model with an adapter, null if it holds none. */
    public static ReferenceModel inside(CausalLm model) {
        return LoraModels.holdsBase(model) ? new ReferenceModel(model, Kind.ADAPTER_OFF) : null;
    }

    /** Its graph, which computes the reference inside {@link #asReference} only. */
    CausalLm model() {
        return model;
    }

    String fingerprint() {
        return kind == Kind.ADAPTER_OFF ? ModelFingerprint.ofBase(model) : ModelFingerprint.of(model);
    }

    /** Computes with the adapter switched off, if that makes the reference. */
    <T> T asReference(Supplier<T> work) {
        if (kind != Kind.ADAPTER_OFF) {
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
