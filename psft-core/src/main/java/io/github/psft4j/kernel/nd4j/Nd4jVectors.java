package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.Vectors;
import io.github.psft4j.kernel.Views;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.same.Square;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** {@link Vectors} by operations of ND4J; long vectors go through them in blocks. */
final class Nd4jVectors implements Vectors {

    /** Elements of a long vector worked on at once; bounds the temporaries of {@link #adamW}. */
    private static final long BLOCK = 1L << 20;

    /** Elements copied at once by {@link #sumOfSquares}, so that the copy stays in the cache. */
    private static final long SQUARES = 1L << 17;

    /** Iteration after which the bias of a moment is 0 for any beta that a FLOAT distinguishes from 1. */
    private static final int UNBIASED = 1 << 30;

    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        boolean same = table.dataType() == out.dataType(); // a frozen table may be in bfloat16
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(table.dataType())) {
            INDArray rows = same ? rows(out, table.size(1)) : tmp.empty(ids.length, table.size(1));
            Nd4j.exec(DynamicCustomOp.builder("gather")
                    .addInputs(table, indices(ids, table))
                    .addOutputs(rows)
                    .addIntegerArguments(0)
                    .build());
            if (!same) {
                rows(out, table.size(1)).assign(rows);
            }
        }
    }

    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        boolean lock = true; // repeated ids would race without it
        boolean checkIndices = false;
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(dy.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(dTable, indices(ids, dTable), rows(dy, dTable.size(1)))
                    .addOutputs(dTable)
                    .addBooleanArguments(lock, checkIndices)
                    .build());
        }
    }

    /** Row numbers as an array, checked here because a native gather outside the table reads foreign memory. */
    private static INDArray indices(int[] ids, INDArray table) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= table.size(0)) {
                throw new IllegalArgumentException("ids[" + i + "] = " + ids[i] + " is outside the table of "
                        + table.size(0) + " rows; does the tokenizer belong to this model?");
            }
        }
        return Nd4j.createFromArray(ids);
    }

    @Override
    public void addRow(INDArray row, INDArray y) {
        rows(y, row.length()).addiRowVector(flat(row));
    }

    @Override
    public void sumRows(INDArray dy, INDArray sums) {
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(dy.dataType())) {
            Nd4jSums.ofRows(rows(dy, sums.length()), sums, tmp);
        }
    }

    @Override
    public void copy(INDArray x, INDArray y) {
        flat(y).assign(flat(x));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        flat(y).addi(flat(x));
    }

    /** Copies in DOUBLE lose nothing, and BLAS is five times as fast as ND4J's own sum. */
    @Override
    public double sumOfSquares(INDArray x) {
        long n = x.length();
        double sum = 0;
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(DataType.DOUBLE)) {
            INDArray copy = tmp.empty(Math.min(n, SQUARES));
            for (long from = 0; from < n; from += SQUARES) {
                long to = Math.min(n, from + SQUARES);
                INDArray y = block(copy, 0, to - from);
                y.assign(block(x, from, to));
                sum += Nd4j.getBlasWrapper().dot(y, y);
            }
        }
        return sum;
    }

    /**
     * ND4J's operation of Adam needs one pass over moments and root, which takes half the time of ND4J's root alone. It
     * computes 1 - beta2 in the data type, in FLOAT with a relative error of 1.3e-5 for 0.999; the difference goes into
     * the second moment before. After so many iterations it corrects no bias; the rate here does.
     */
    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        long n = weights.length();
        DataType type = weights.dataType();
        double computed = type == DataType.FLOAT ? 1 - (float) step.beta2() : 1 - step.beta2();
        double missing = 1 - step.beta2() - computed;
        double rootBias2 = Math.sqrt(step.bias2());
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(type)) {
            INDArray scratch = tmp.empty(Math.min(n, BLOCK));
            INDArray squares = missing == 0 ? null : tmp.empty(Math.min(n, BLOCK));
            for (long from = 0; from < n; from += BLOCK) {
                long to = Math.min(n, from + BLOCK);
                INDArray w = block(weights, from, to);
                INDArray m = block(firstMoment, from, to);
                INDArray v = block(secondMoment, from, to);
                INDArray t = block(scratch, 0, to - from);

                Nd4j.exec(new ScalarMultiplication(block(gradient, from, to), null, t, step.gradientScale()));
                if (missing != 0) {
                    INDArray square = block(squares, 0, to - from);
                    Nd4j.exec(new Square(t, square));
                    addScaled(square, missing / step.beta2(), v);
                }
                Nd4j.exec(DynamicCustomOp.builder("adam_updater")
                        .addInputs(t, v, m)
                        .addOutputs(t, v, m) // t = m / (sqrt(v) + epsilon)
                        .addFloatingPointArguments(1.0, step.beta1(), step.beta2(), step.epsilon() * rootBias2)
                        .addIntegerArguments(UNBIASED)
                        .build());
                w.muli(1 - step.learningRate() * step.weightDecay());
                addScaled(t, -step.learningRate() * rootBias2 / step.bias1(), w);
            }
        }
    }

    @Override
    public void read(INDArray x, long from, float[] out, int n) {
        float[] values =
                flat(x).get(NDArrayIndex.interval(from, from + n)).dup().data().asFloat();
        System.arraycopy(values, 0, out, 0, n);
    }

    /** {@code y += factor * x}. */
    private static void addScaled(INDArray x, double factor, INDArray y) {
        Nd4j.exec(new Axpy(x, y, y, factor));
    }

    private static INDArray block(INDArray x, long from, long to) {
        return from == 0 && to == x.length() ? flat(x) : Views.span(x, from, to);
    }
}
