package io.github.psft4j.transformer;

import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.WeightAndBias;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Uninitialised dense 'c' arrays from the right workspace, by what they are for. */
record LayerArrays(LayerWorkspaceMgr workspaces, DataType type) {

    /** Output of a layer. */
    INDArray output(long... shape) {
        return workspaces.createUninitialized(ArrayType.ACTIVATIONS, type, shape, 'c');
    }

    /** Kept from the forward to the backward pass when training, scratch otherwise. */
    INDArray saved(boolean training, long... shape) {
        ArrayType use = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
        return workspaces.createUninitialized(use, type, shape, 'c');
    }

    /** ThreadScratch of a forward pass. */
    INDArray forwardScratch(long... shape) {
        return workspaces.createUninitialized(ArrayType.FF_WORKING_MEM, type, shape, 'c');
    }

    /** ThreadScratch of a backward pass. */
    INDArray backwardScratch(long... shape) {
        return workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, type, shape, 'c');
    }

    /** The arrays for the gradients of a norm: scratch for those of a frozen one. */
    WeightAndBias orScratch(WeightAndBias gradient, WeightAndBias norm) {
        return gradient.weight() != null
                ? gradient
                : new WeightAndBias(
                        backwardScratch(norm.weight().length()),
                        norm.bias() == null ? null : backwardScratch(norm.bias().length()));
    }

    /** Gradient passed to the layer below. */
    INDArray inputGradient(long... shape) {
        return workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, type, shape, 'c');
    }

    /** Rows [from, to) of a dense array seen as rows of the given width: a view. */
    static INDArray rows(INDArray array, long from, long to, long width) {
        return Views.span(array, from * width, to - from, width);
    }
}
