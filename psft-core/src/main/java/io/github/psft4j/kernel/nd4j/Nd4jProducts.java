package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.Products;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Products} by ND4J's gemm. A weight in bfloat16 is cast as a whole. */
final class Nd4jProducts implements Products {

    @Override
    public boolean takesBf16Weights() {
        return true;
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        if (w.dataType() != x.dataType()) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
                linear(x, tmp.cast(w), y, beta);
            }
            return;
        }
        INDArray yt = rows(y, w.size(0)).transpose(); // [out, n] 'f'
        Nd4j.gemm(w, rows(x, w.size(1)), yt, false, true, 1, beta);
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        if (w.dataType() != dy.dataType()) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(dy.dataType())) {
                gradInput(dy, tmp.cast(w), dx, beta);
            }
            return;
        }
        INDArray dxt = rows(dx, w.size(1)).transpose(); // [in, n] 'f'
        Nd4j.gemm(w, rows(dy, w.size(0)), dxt, true, true, 1, beta);
    }

    @Override
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        INDArray dwt = dw.transpose(); // [in, out] 'f'
        Nd4j.gemm(rows(x, dw.size(1)), rows(dy, dw.size(0)), dwt, true, false, 1, beta);
    }
}
