package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.Products;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Products} of generation and scoring in bfloat16 on processors without instructions for it: weights of this
 * type, multiplied in float. Nothing else is rounded.
 */
record Bf16WeightProducts(Products floats) implements Products {

    @Override
    public Precision precision() {
        return Precision.BF16;
    }

    @Override
    public boolean takesBf16Weights() {
        return true;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        floats.linear(x, w, y, beta);
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        throw noGradient();
    }

    @Override
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        throw noGradient();
    }

    private static UnsupportedOperationException noGradient() {
        return new UnsupportedOperationException(
                "BF16 has no gradients on this CPU, where it is for generation and scoring; set F32 to train");
    }
}
