package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.Products;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.kernel.nd4j.Nd4jCalls;
import io.github.psft4j.kernel.nd4j.Nd4jTemporaries;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Products} in which every worker computes rows of the output by a single-threaded product. */
record SplitProducts(RowSplit split, Products whole) implements Products {

    /**
     * Multiply-adds that take as long as one element of {@link RowSplit#serial}: a smaller product is not worth a
     * second worker.
     */
    private static final long PRODUCTS_PER_ELEMENT = 8;

    /** Workspace of a weight in the type of the products, which outlives the operations on its slices. */
    private static final String WIDE = "PSFT4J_WIDE_WEIGHT";

    @Override
    public boolean takesBf16Weights() {
        return whole.takesBf16Weights();
    }

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        if (w.dataType() != x.dataType()) { // cast once, not by every worker
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType(), WIDE)) {
                linear(x, tmp.cast(w), y, beta);
            }
            return;
        }
        long n = x.length() / w.size(1);
        if (n == 1) { // workers share the columns of y, which are rows of w
            split.run(
                    count(w.size(0), w.size(1)),
                    y.dataType(),
                    w.size(0),
                    rows -> whole.linear(x, rows.of(w, w.size(1)), rows.of(y), beta));
            return;
        }
        split.run(
                count(n, w.length()),
                y.dataType(),
                n,
                rows -> whole.linear(rows.of(x, w.size(1)), w, rows.of(y, w.size(0)), beta));
    }

    @Override
    public void gradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        if (w.dataType() != dy.dataType()) {
            try (Nd4jTemporaries tmp = new Nd4jTemporaries(dy.dataType(), WIDE)) {
                gradInput(dy, tmp.cast(w), dx, beta);
            }
            return;
        }
        long n = dy.length() / w.size(0);
        split.run(
                count(n, w.length()),
                dx.dataType(),
                n,
                rows -> whole.gradInput(rows.of(dy, w.size(0)), w, rows.of(dx, w.size(1)), beta));
    }

    /** A worker reads columns of dy where they lie, which ND4J's matmul does and its gemm does by a copy. */
    @Override
    public void gradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        long out = dw.size(0);
        long in = dw.size(1);
        INDArray inputs = Views.rows(x, in); // [n, in]
        INDArray outputs = Views.rows(dy, out); // [n, out]
        int slices = count(out, inputs.length());
        if (slices == 1) {
            whole.gradWeight(dy, x, dw, beta);
            return;
        }
        split.run(
                slices,
                dw.dataType(),
                out,
                rows -> Nd4jCalls.matmul(
                        Views.narrow(outputs, 1, rows.from(), rows.to()),
                        true,
                        inputs,
                        false,
                        1,
                        beta,
                        rows.of(dw, in)));
    }

    private int count(long n, long productsPerRow) {
        return n * productsPerRow < PRODUCTS_PER_ELEMENT * split.serial() ? 1 : split.countOf(n, n);
    }
}
