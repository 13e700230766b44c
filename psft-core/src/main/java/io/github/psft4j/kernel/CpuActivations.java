package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Non-linearities of {@link CpuOps}, alone and as the gate of a feed-forward, in blocks of short loops. */
final class CpuActivations {

    /** Floats per block: small enough to stay in the first-level cache with its partners. */
    private static final int BLOCK = 4096;

    private final WorkerPool pool;

    CpuActivations(WorkerPool pool) {
        this.pool = pool;
    }

    void forward(Activation a, INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            xs.get(at, in, m);
            evaluate(a, in, value, null, scratch, m);
            ys.put(at, value, m);
        });
    }

    void backward(Activation a, INDArray dy, INDArray x, INDArray dx) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        blocks(x.length(), (scratch, at, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            float[] slope = scratch.array(2, BLOCK);
            xs.get(at, in, m);
            evaluate(a, in, value, slope, scratch, m);
            dys.get(at, in, m);
            multiply(in, slope, m);
            dxs.put(at, slope, m);
        });
    }

    void gated(Activation a, INDArray gateUp, INDArray h) {
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory hs = FloatMemory.of(h);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        rowBlocks((int) (gateUp.length() / (2L * f)), f, (scratch, row, c, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            gu.get(row * 2 * f + c, in, m);
            evaluate(a, in, value, null, scratch, m);
            gu.get(row * 2 * f + f + c, in, m);
            multiply(in, value, m);
            hs.put(row * f + c, value, m);
        });
    }

    /** {@code dGate = dh up a'(gate)}, {@code dUp = dh a(gate)}. */
    void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        FloatMemory dhs = FloatMemory.of(dh);
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory dgu = FloatMemory.of(dGateUp);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        rowBlocks((int) (gateUp.length() / (2L * f)), f, (scratch, row, c, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            float[] slope = scratch.array(2, BLOCK);
            long at = row * 2 * f + c;
            gu.get(at, in, m);
            evaluate(a, in, value, slope, scratch, m);
            gu.get(at + f, in, m);
            multiply(in, slope, m);
            dhs.get(row * f + c, in, m);
            multiply(in, slope, m);
            multiply(in, value, m);
            dgu.put(at, slope, m);
            dgu.put(at + f, value, m);
        });
    }

    /** {@code value = x g(x)} and, unless null, {@code slope = g(x) + x g'(x)}; see {@link Activation}. */
    private static void evaluate(Activation a, float[] x, float[] value, float[] slope, Scratch scratch, int n) {
        float[] gate = scratch.array(3, BLOCK);
        switch (a) {
            case SILU -> sigmoid(x, 1f, gate, n);
            case QUICK_GELU -> sigmoid(x, (float) Activation.QUICK, gate, n);
            case GELU -> normalCdf(x, gate, scratch.array(4, BLOCK), n);
            case GELU_TANH -> tanhGate(x, gate, n);
            case RELU -> step(x, gate, n);
        }
        for (int j = 0; j < n; j++) {
            value[j] = x[j] * gate[j];
        }
        if (slope == null) {
            return;
        }
        switch (a) {
            case SILU -> sigmoidSlope(value, gate, 1f, slope, n);
            case QUICK_GELU -> sigmoidSlope(value, gate, (float) Activation.QUICK, slope, n);
            case GELU -> normalSlope(x, gate, slope, n);
            case GELU_TANH -> tanhSlope(x, value, gate, slope, n);
            case RELU -> System.arraycopy(gate, 0, slope, 0, n);
        }
    }

    /** {@code out = 1 / (1 + exp(-k x))}. */
    private static void sigmoid(float[] x, float k, float[] out, int n) {
        for (int j = 0; j < n; j++) {
            out[j] = Math.min(Math.max(-k * x[j], -87f), 87f);
        }
        Rows.exp(out, out, n);
        for (int j = 0; j < n; j++) {
            out[j] = 1f / (1f + out[j]);
        }
    }

    private static void sigmoidSlope(float[] value, float[] gate, float k, float[] slope, int n) {
        for (int j = 0; j < n; j++) {
            slope[j] = gate[j] + k * value[j] * (1f - gate[j]);
        }
    }

    private static void tanhGate(float[] x, float[] gate, int n) {
        float cube = (float) Activation.TANH_CUBE;
        for (int j = 0; j < n; j++) {
            gate[j] = x[j] * (1f + cube * x[j] * x[j]);
        }
        sigmoid(gate, (float) Activation.TANH_SLOPE, gate, n);
    }

    private static void tanhSlope(float[] x, float[] value, float[] gate, float[] slope, int n) {
        float k = (float) Activation.TANH_SLOPE;
        float cube = (float) (3 * Activation.TANH_CUBE);
        for (int j = 0; j < n; j++) {
            slope[j] = gate[j] + value[j] * (1f - gate[j]) * (k * (1f + cube * x[j] * x[j]));
        }
    }

    /** {@code (1 + erf(x / sqrt(2))) / 2}, absolute error below 1e-6 (Abramowitz and Stegun 7.1.26). */
    private static void normalCdf(float[] x, float[] gate, float[] exp, int n) {
        for (int j = 0; j < n; j++) {
            exp[j] = Math.max(-0.5f * x[j] * x[j], -87f);
        }
        Rows.exp(exp, exp, n);
        float p = (float) (0.3275911 / Math.sqrt(2));
        for (int j = 0; j < n; j++) {
            float t = 1f / (1f + p * Math.abs(x[j]));
            float sum = 1.061405429f;
            sum = sum * t - 1.453152027f;
            sum = sum * t + 1.421413741f;
            sum = sum * t - 0.284496736f;
            sum = sum * t + 0.254829592f;
            exp[j] = 1f - sum * t * exp[j]; // erf(|x| / sqrt(2))
        }
        for (int j = 0; j < n; j++) {
            gate[j] = 0.5f + 0.5f * Math.copySign(exp[j], x[j]);
        }
    }

    private static void normalSlope(float[] x, float[] gate, float[] slope, int n) {
        for (int j = 0; j < n; j++) {
            slope[j] = Math.max(-0.5f * x[j] * x[j], -87f);
        }
        Rows.exp(slope, slope, n);
        float k = (float) (1 / Math.sqrt(2 * Math.PI));
        for (int j = 0; j < n; j++) {
            slope[j] = gate[j] + x[j] * k * slope[j];
        }
    }

    private static void step(float[] x, float[] gate, int n) {
        for (int j = 0; j < n; j++) {
            gate[j] = x[j] > 0f ? 1f : 0f;
        }
    }

    /** {@code y *= x}. */
    private static void multiply(float[] x, float[] y, int n) {
        for (int j = 0; j < n; j++) {
            y[j] *= x[j];
        }
    }

    private interface Block {
        void run(Scratch scratch, long at, int n);
    }

    private void blocks(long length, Block work) {
        int count = (int) ((length + BLOCK - 1) / BLOCK);
        pool.share(count, (scratch, from, to, id) -> {
            for (long i = from; i < to; i++) {
                work.run(scratch, i * BLOCK, (int) Math.min(BLOCK, length - i * BLOCK));
            }
        });
    }

    private interface RowBlock {
        void run(Scratch scratch, long row, int column, int n);
    }

    private void rowBlocks(int rows, int width, RowBlock work) {
        pool.share(rows, (scratch, from, to, id) -> {
            for (int i = from; i < to; i++) {
                for (int c = 0; c < width; c += BLOCK) {
                    work.run(scratch, i, c, Math.min(BLOCK, width - c));
                }
            }
        });
    }
}
