package io.github.psft4j.hf.config;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Views of parts of parameters. */
final class TensorViews {

    private TensorViews() {}

    /** Rows of a dense matrix, cut from its flat form: a multi-index get on a view with an offset can come back empty in ND4J M2.1. */
    static INDArray rows(INDArray matrix, long from, long to) {
        long width = matrix.size(1);
        return part(matrix, from * width, to * width).reshape('c', to - from, width);
    }

    /** Elements of a dense array. */
    static INDArray part(INDArray array, long from, long to) {
        return array.reshape(new long[] {array.length()}).get(NDArrayIndex.interval(from, to));
    }
}
