package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.nd4j.split.RowSplit.Rows;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Products of {@link SplitForm}: every worker computes rows of the output by a single-threaded product. */
final class SplitProducts {

    /** A product with fewer than so many multiply-adds per element of {@link RowSplit#serial} stays on the calling thread. */
    private static final long SERIAL = 8;

    private final RowSplit pieces;
    private final TensorOps ops;

    SplitProducts(RowSplit pieces, TensorOps ops) {
        this.pieces = pieces;
        this.ops = ops;
    }

    void linear(INDArray x, INDArray w, INDArray y, double beta) {
        Rows xs = new Rows(x, w.size(1));
        Rows ys = new Rows(y, w.size(0));
        long n = xs.count();
        if (n == 1) { // its columns: rows of the weight
            Rows ws = new Rows(w, w.size(1));
            Rows columns = new Rows(y);
            pieces.deal(
                    shares(w.size(0), w.size(1)),
                    y.dataType(),
                    w.size(0),
                    (i, from, to) -> ops.linear(x, ws.of(from, to), columns.flat(from, to), beta));
            return;
        }
        pieces.deal(
                shares(n, w.length()),
                y.dataType(),
                n,
                (i, from, to) -> ops.linear(xs.of(from, to), w, ys.of(from, to), beta));
    }

    void gradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        Rows dys = new Rows(dy, w.size(0));
        Rows dxs = new Rows(dx, w.size(1));
        long n = dys.count();
        pieces.deal(
                shares(n, w.length()),
                dx.dataType(),
                n,
                (i, from, to) -> ops.linearGradInput(dys.of(from, to), w, dxs.of(from, to), beta));
    }

    /** A worker reads columns of dy where they lie, which ND4J's matmul does and its gemm does by a copy. */
    void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        long out = dw.size(0);
        long in = dw.size(1);
        INDArray inputs = Views.rows(x, in); // [n, in]
        INDArray outputs = Views.rows(dy, out); // [n, out]
        int shares = shares(out, inputs.length());
        if (shares == 1) {
            ops.linearGradWeight(dy, x, dw, beta);
            return;
        }
        Rows dws = new Rows(dw, in);
        pieces.deal(
                shares,
                dw.dataType(),
                out,
                (i, from, to) -> Nd4j.exec(DynamicCustomOp.builder("matmul")
                        .addInputs(Views.narrow(outputs, 1, from, to), inputs)
                        .addOutputs(dws.of(from, to))
                        .addIntegerArguments(1, 0, 0) // the first is transposed
                        .addFloatingPointArguments(1.0, beta)
                        .build()));
    }

    private int shares(long n, long productsPerRow) {
        return n * productsPerRow < SERIAL * pieces.serial() ? 1 : pieces.inPortions(n, n);
    }
}
