package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rowRange;
import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.Activations;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Activations} by operations of ND4J (see {@link Nd4jActivation}). */
final class Nd4jActivations implements Activations {

    @Override
    public void apply(Activation a, INDArray x, INDArray y) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            new Nd4jActivation(a, flat(x), tmp).valueTo(flat(y));
        }
    }

    @Override
    public void grad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray slope = new Nd4jActivation(a, flat(x), tmp).slope();
            Nd4j.exec(new MulOp(slope, flat(dy), flat(dx)));
        }
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        INDArray h2 = rows(h, h.size(h.rank() - 1)); // [n, F]
        long n = h2.size(0);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(h.dataType())) {
            INDArray split = split(gateUp, h2, tmp);
            new Nd4jActivation(a, rowRange(split, 0, n), tmp).valueTo(h2);
            h2.muli(rowRange(split, n, 2 * n));
        }
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        INDArray dh2 = rows(dh, width); // [n, F]
        INDArray grad = rows(dGateUp, 2 * width); // [n, 2F]
        long n = dh2.size(0);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(dh.dataType())) {
            INDArray split = split(gateUp, dh2, tmp);
            Nd4jActivation gate = new Nd4jActivation(a, rowRange(split, 0, n), tmp);
            INDArray slope = gate.slope();
            narrow(grad, 1, 0, width)
                    .assign(slope.muli(rowRange(split, n, 2 * n)).muli(dh2));
            narrow(grad, 1, width, 2 * width).assign(gate.value().muli(dh2));
        }
    }

    /**
     * Copy of rows {@code [n, 2F]} as {@code [2n, F]}, all left halves before all right ones; like is {@code [n, F]}.
     */
    private static INDArray split(INDArray x, INDArray like, Nd4jTemporaries tmp) {
        long n = like.size(0);
        long width = like.size(1);
        INDArray split = tmp.empty(2 * n, width);
        split.reshape('c', 2, n, width).assign(x.reshape('c', n, 2, width).permute(1, 0, 2));
        return split;
    }
}
