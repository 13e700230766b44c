package io.github.psft4j.model;

import io.github.psft4j.hf.config.ConfigFile;
import io.github.psft4j.hf.config.ModelFamily;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Graph, architecture and files of a model: whole, an adapter beside frozen weights, or frozen weights alone. */
sealed interface ModelBody permits WholeModel, AdaptedModel, FrozenModel {

    DecoderConfig config();

    ConfigFile file();

    ModelFamily family();

    ComputationGraph graph();

    /** The type of the weights in the files that were read, F32 for a fresh model. */
    DType storedType();

    /** What is trained by the names in the files: views of what the source gives. */
    Map<String, INDArray> tensors(ModelFamily.Source source);

    /** Replaces what is trained by the weights of a directory. */
    void restore(Path dir);

    /** Writes weights and configuration into a directory that exists. */
    void write(Path dir, Map<String, INDArray> tensors, DType dtype, long maxShardBytes);
}
