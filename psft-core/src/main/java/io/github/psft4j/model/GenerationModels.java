package io.github.psft4j.model;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.transformer.DecoderGraph;
import java.nio.file.Path;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Models that generate and score, and are not trained. In {@link Precision#BF16} their matrices are held in bfloat16
 * alone: half of the memory of FLOAT, and half of what a step of generation reads.
 */
public final class GenerationModels {

    private GenerationModels() {}

    /** Like {@link #load(Path, Path, DataType, Precision)} in FLOAT, with an adapter's base by the path in its file. */
    public static CausalLm load(Path dir, Precision precision) {
        return load(dir, null, DataType.FLOAT, precision);
    }

    /**
     * The model of a directory, which computes in the given precision.
     *
     * <p>With {@link Precision#BF16} matrices are rounded to bfloat16 as they are read, which changes nothing of files
     * in BF16. Products round their other operand, too, where the CPU has instructions for it, and are in float
     * elsewhere. The model cannot be trained, saved or restored then, but for the part that an adapter trains.
     *
     * @param base directory of the base of an adapter; null for the path in the adapter's file, and for a whole model
     * @param type FLOAT or DOUBLE; with BF16 and INT8 only FLOAT
     * @throws io.github.psft4j.hf.ModelFormatException naming file, field and value, if a directory is not a model that
     *     this version reads
     * @throws IllegalArgumentException with the reason, if the precision is not possible here
     */
    public static CausalLm load(Path dir, Path base, DataType type, Precision precision) {
        boolean adapter = AdaptedModel.isAdapter(dir);
        if (precision != Precision.BF16) {
            CausalLm model = adapter ? LoraModels.load(dir, base, type) : CausalLm.load(dir, type);
            model.setPrecision(precision);
            return model;
        }
        TensorOps ops = TensorOpsFactory.forGeneration(type, precision); // refuses before weights are read
        CausalLm model = adapter ? LoraModels.load(dir, base, type, FrozenType.BF16) : frozen(dir);
        DecoderGraph.use(model.graph(), ops);
        return model;
    }

    private static CausalLm frozen(Path dir) {
        try (LoadingTokenizer tokenizer = new LoadingTokenizer(() -> CausalLm.tokenizerOf(dir))) { // beside the weights
            FrozenModel body = FrozenModel.read(dir);
            return new CausalLm(body, tokenizer.take(), dir);
        }
    }

    /**
     * Refuses a model whose weights cannot be trained.
     *
     * @throws IllegalStateException if it was loaded here in BF16 without an adapter
     */
    public static void requireTrainable(CausalLm model) {
        if (model.body() instanceof FrozenModel) {
            throw FrozenModel.refused("trained");
        }
    }
}
