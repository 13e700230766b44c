package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.flat;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rowRange;
import static io.github.psft4j.kernel.Views.rows;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The reference form: ND4J operations only, so it runs in FLOAT and DOUBLE on any backend, a GPU included. In DOUBLE
 * it is exact to about 1e-12, which the gradient checks of the whole network rest on.
 *
 * <p>It keeps no state between calls but the memory of its {@link Temporaries}, so it may be called from any thread
 * and inside any workspace.
 */
public final class PortableOps implements TensorOps {

    /*
     * Forms that look roundabout are the ones ND4J 1.0.0-M2.1 runs fast:
     * - products write the transpose of their output, because BLAS and Nd4j.gemm are column-major ('f');
     * - sums over rows or columns are products with ones: 2 to 20 times faster than sum(), and ten times closer in
     * FLOAT;
     * - a column factor is applied in place after a copy: BroadcastMulOp along dimension 0 takes 80 times as long;
     * - strided halves and heads are first copied into dense arrays, where every operation vectorises; reading them as
     *   a permuted whole is faster than one narrow view at a time, writing is the other way round.
     */

    /** Elements of a long vector worked on at once; bounds the temporary of {@link #adamW}. */
    private static final long BLOCK = 1L << 20;

    @Override
    public String name() {
        return "portable, ND4J operations";
    }

    // ---- products

    @Override
    public void linear(INDArray x, INDArray w, INDArray y, double beta) {
        INDArray yt = rows(y, w.size(0)).transpose(); // [out, n] 'f'
        Nd4j.gemm(w, rows(x, w.size(1)), yt, false, true, 1, beta);
    }

    @Override
    public void linearGradInput(INDArray dy, INDArray w, INDArray dx, double beta) {
        INDArray dxt = rows(dx, w.size(1)).transpose(); // [in, n] 'f'
        Nd4j.gemm(w, rows(dy, w.size(0)), dxt, true, true, 1, beta);
    }

    @Override
    public void linearGradWeight(INDArray dy, INDArray x, INDArray dw, double beta) {
        INDArray dwt = dw.transpose(); // [in, out] 'f'
        Nd4j.gemm(rows(x, dw.size(1)), rows(dy, dw.size(0)), dwt, true, false, 1, beta);
    }

    // ---- rows

    @Override
    public void gatherRows(INDArray table, int[] ids, INDArray out) {
        try (Temporaries tmp = new Temporaries(table.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("gather")
                    .addInputs(table, indices(ids, table, tmp))
                    .addOutputs(rows(out, table.size(1)))
                    .addIntegerArguments(0)
                    .build());
        }
    }

    @Override
    public void scatterAddRows(INDArray dy, int[] ids, INDArray dTable) {
        boolean lock = true; // repeated ids would race without it
        boolean checkIndices = false;
        try (Temporaries tmp = new Temporaries(dy.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(dTable, indices(ids, dTable, tmp), rows(dy, dTable.size(1)))
                    .addOutputs(dTable)
                    .addBooleanArguments(lock, checkIndices)
                    .build());
        }
    }

    /** Row numbers as an array, checked here because a native gather outside the table reads foreign memory. */
    private static INDArray indices(int[] ids, INDArray table, Temporaries tmp) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= table.size(0)) {
                throw new IllegalArgumentException("ids[" + i + "] = " + ids[i] + " is outside the table of "
                        + table.size(0) + " rows; does the tokenizer belong to this model?");
            }
        }
        return tmp.indices(ids);
    }

    @Override
    public void rmsNorm(INDArray x, INDArray gain, double eps, INDArray y, INDArray inverseRms) {
        long width = gain.length();
        INDArray x2 = rows(x, width); // [n, D]
        INDArray y2 = rows(y, width); // [n, D]
        INDArray r = column(inverseRms); // [n, 1]
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            Nd4j.exec(new MulOp(x2, x2, y2));
            sumColumns(y2, r, tmp);
            Transforms.sqrt(r.divi(width).addi(eps), false);
            r.rdivi(1);
            y2.assign(x2);
            y2.muliColumnVector(r);
            y2.muliRowVector(flat(gain));
        }
    }

    /*
     * With xhat = x r (r the inverse RMS of the row) and g = dy * gain: dx = r (g - xhat mean(g * xhat)), dGain = sum
     * over rows of dy * xhat.
     */
    @Override
    public void rmsNormGrad(
            INDArray dy, INDArray x, INDArray gain, INDArray inverseRms, INDArray dx, double beta, INDArray dGain) {
        long width = gain.length();
        INDArray dy2 = rows(dy, width); // [n, D]
        INDArray dx2 = rows(dx, width); // [n, D]
        INDArray r = column(inverseRms); // [n, 1]
        long n = dy2.size(0);
        try (Temporaries tmp = new Temporaries(x.dataType())) {
            INDArray xhat = tmp.empty(n, width).assign(rows(x, width));
            xhat.muliColumnVector(r);
            INDArray g = tmp.empty(n, width);
            Nd4j.exec(new MulOp(dy2, xhat, g));
            sumRows(g, dGain, tmp);

            g.muliRowVector(flat(gain));
            INDArray mean = tmp.empty(n, 1); // mean(g * xhat)
            sumColumns(g, mean, tmp);
            xhat.muliColumnVector(mean.divi(width));
            g.assign(dy2);
            g.muliRowVector(flat(gain));
            g.subi(xhat).muliColumnVector(r);
            if (beta == 0) {
                dx2.assign(g);
            } else {
                dx2.muli(beta).addi(g);
            }
        }
    }

    @Override
    public void swiGlu(INDArray gateUp, INDArray h) {
        INDArray h2 = rows(h, h.size(h.rank() - 1)); // [n, F]
        long n = h2.size(0);
        try (Temporaries tmp = new Temporaries(h.dataType())) {
            INDArray split = split(gateUp, h2, tmp);
            INDArray gate = rowRange(split, 0, n);
            Nd4j.exec(new Sigmoid(gate, h2));
            h2.muli(gate).muli(rowRange(split, n, 2 * n));
        }
    }

    /* With s = sigmoid(gate): dUp = dh gate s, dGate = dh up s (1 + gate (1 - s)). */
    @Override
    public void swiGluGrad(INDArray dh, INDArray gateUp, INDArray dGateUp) {
        long width = dh.size(dh.rank() - 1);
        INDArray dh2 = rows(dh, width); // [n, F]
        INDArray grad = rows(dGateUp, 2 * width); // [n, 2F]
        long n = dh2.size(0);
        try (Temporaries tmp = new Temporaries(dh.dataType())) {
            INDArray split = split(gateUp, dh2, tmp);
            INDArray silu = rowRange(split, 0, n); // holds the gate at first
            INDArray up = rowRange(split, n, 2 * n);
            INDArray s = tmp.empty(dh2.shape());
            Nd4j.exec(new Sigmoid(silu, s));
            silu.muli(s);
            INDArray dGate = tmp.empty(dh2.shape()).assign(s);
            dGate.rsubi(1).muli(silu).addi(s).muli(up).muli(dh2); // silu (1 - s) + s = s (1 + gate (1 - s))
            narrow(grad, 1, 0, width).assign(dGate);
            narrow(grad, 1, width, 2 * width).assign(silu.muli(dh2));
        }
    }

    /**
     * Copy of rows {@code [n, 2F]} as {@code [2n, F]}, all left halves before all right ones; like is {@code [n, F]}.
     */
    private static INDArray split(INDArray x, INDArray like, Temporaries tmp) {
        long n = like.size(0);
        long width = like.size(1);
        INDArray split = tmp.empty(2 * n, width);
        split.reshape('c', 2, n, width).assign(x.reshape('c', n, 2, width).permute(1, 0, 2));
        return split;
    }

    // ---- attention

    @Override
    public void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse) {
        PortableRotary.rotate(qkv, shape, table, firstPosition, inverse);
    }

    @Override
    public void attention(INDArray qkv, AttentionShape shape, INDArray out, INDArray logSumExp) {
        PortableAttention.forward(qkv, shape, out, logSumExp);
    }

    @Override
    public void attentionGrad(
            INDArray qkv, AttentionShape shape, INDArray out, INDArray dOut, INDArray logSumExp, INDArray dqkv) {
        PortableAttention.backward(qkv, shape, out, dOut, logSumExp, dqkv);
    }

    @Override
    public void storeKeysValues(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition) {
        PortableAttention.store(qkv, shape, cache, firstPosition);
    }

    @Override
    public void attentionCached(INDArray qkv, AttentionShape shape, INDArray cache, int firstPosition, INDArray out) {
        PortableAttention.cached(qkv, shape, cache, firstPosition, out);
    }

    // ---- softmax of the vocabulary

    @Override
    public void softmax(INDArray logits, int[] targets, int firstRow, TokenStatistics out) {
        PortableSoftmax.forward(logits, targets, firstRow, out);
    }

    @Override
    public void softmaxGrad(INDArray exps, int[] targets, int firstRow, TokenStatistics statistics, double[] scale) {
        PortableSoftmax.backward(exps, targets, firstRow, statistics, scale);
    }

    // ---- whole vectors

    @Override
    public void copy(INDArray x, INDArray y) {
        flat(y).assign(flat(x));
    }

    @Override
    public void add(INDArray x, INDArray y) {
        flat(y).addi(flat(x));
    }

    @Override
    public double sumOfSquares(INDArray x) {
        try (Temporaries tmp = new Temporaries(DataType.DOUBLE)) {
            INDArray sum = tmp.empty(1); // ND4J accumulates in the type of the result
            Nd4j.exec(new SquaredNorm(flat(x), sum, 0));
            return sum.getDouble(0);
        }
    }

    @Override
    public void adamW(
            INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        long n = weights.length();
        try (Temporaries tmp = new Temporaries(weights.dataType())) {
            INDArray scratch = tmp.empty(Math.min(n, BLOCK));
            for (long from = 0; from < n; from += BLOCK) {
                long to = Math.min(n, from + BLOCK);
                INDArray w = block(weights, from, to);
                INDArray m = block(firstMoment, from, to);
                INDArray v = block(secondMoment, from, to);
                INDArray t = block(scratch, 0, to - from);

                Nd4j.exec(new ScalarMultiplication(block(gradient, from, to), null, t, step.gradientScale()));
                w.muli(1 - step.learningRate() * step.weightDecay());
                addScaled(t, 1 - step.beta1(), m.muli(step.beta1()));
                addScaled(t.muli(t), 1 - step.beta2(), v.muli(step.beta2()));
                Transforms.sqrt(t.assign(v), false);
                t.divi(Math.sqrt(step.bias2())).addi(step.epsilon()).rdivi(m);
                addScaled(t, -step.learningRate() / step.bias1(), w);
            }
        }
    }

    /** {@code y += factor * x}. */
    private static void addScaled(INDArray x, double factor, INDArray y) {
        Nd4j.exec(new Axpy(x, y, y, factor));
    }

    private static INDArray block(INDArray x, long from, long to) {
        return flat(x).get(interval(from, to));
    }

    // ---- sums by products

    /** {@code sums[i] = sum over j of x[i, j]}, with x {@code [n, D]}, sums {@code [n, 1]}. */
    static void sumColumns(INDArray x, INDArray sums, Temporaries tmp) {
        Nd4j.gemm(x, tmp.ones(x.size(1)), sums, false, false, 1, 0);
    }

    /** {@code sums[j] = sum over i of x[i, j]}, with x {@code [n, D]}, sums {@code [D]}. */
    private static void sumRows(INDArray x, INDArray sums, Temporaries tmp) {
        Nd4j.gemm(x, tmp.ones(x.size(0)), column(sums), true, false, 1, 0);
    }
}
