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

    /** The arrays for the gradients of a norm: scratch for what of it is frozen. */
    WeightAndBias orScratch(WeightAndBias gradient, WeightAndBias norm) {
        return new WeightAndBias(orScratch(gradient.weight(), norm.weight()), orScratch(gradient.bias(), norm.bias()));
    }

    /** The gradient of an array, scratch if it is frozen, null if there is no such array. */
    private INDArray orScratch(INDArray gradient, INDArray array) {
        return gradient != null || array == null ? gradient : backwardScratch(array.length());
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
