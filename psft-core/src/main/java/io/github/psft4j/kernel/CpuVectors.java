package io.github.psft4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Operations of {@link CpuOps} on whole flat vectors, such as all parameters at once, in blocks. */
final class CpuVectors {

    /** Floats per block: with its partners it stays in the first-level cache. */
    private static final int BLOCK = 4096;

    private final WorkerPool pool;

    CpuVectors(WorkerPool pool) {
        this.pool = pool;
    }

    void copy(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m, block) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            ys.put(at, a, m);
        });
    }

    void add(INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        blocks(x.length(), (scratch, at, m, block) -> {
            float[] a = scratch.array(0, BLOCK);
            float[] b = scratch.array(1, BLOCK);
            xs.get(at, a, m);
            ys.get(at, b, m);
            Rows.add(a, b, m);
            ys.put(at, b, m);
        });
    }

    /** Partial sums are kept per block, not per worker, so that the result does not depend on the number of threads. */
    double sumOfSquares(INDArray x) {
        FloatMemory xs = FloatMemory.of(x);
        double[] partial = new double[(int) ((x.length() + BLOCK - 1) / BLOCK)];
        blocks(x.length(), (scratch, at, m, block) -> {
            float[] a = scratch.array(0, BLOCK);
            xs.get(at, a, m);
            partial[block] = Rows.sumOfSquares(a, m, scratch.array(1, BLOCK));
        });
        double sum = 0;
        for (double p : partial) {
            sum += p;
        }
        return sum;
    }

    void adamW(INDArray weights, INDArray gradient, INDArray firstMoment, INDArray secondMoment, AdamWStep step) {
        FloatMemory w = FloatMemory.of(weights);
        FloatMemory g = FloatMemory.of(gradient);
        FloatMemory m1 = FloatMemory.of(firstMoment);
        FloatMemory m2 = FloatMemory.of(secondMoment);
        float decay = (float) (1 - step.learningRate() * step.weightDecay());
        float rate = (float) (step.learningRate() / step.bias1());
        float bias2 = (float) (1 / Math.sqrt(step.bias2()));
        float b1 = (float) step.beta1();
        float b2 = (float) step.beta2();
        float c1 = (float) (1 - step.beta1());
        float c2 = (float) (1 - step.beta2());
        float eps = (float) step.epsilon();
        float gradScale = (float) step.gradientScale();
        blocks(weights.length(), (scratch, at, n, block) -> {
            float[] ws = scratch.array(0, BLOCK);
            float[] gs = scratch.array(1, BLOCK);
            float[] ms = scratch.array(2, BLOCK);
            float[] vs = scratch.array(3, BLOCK);
            w.get(at, ws, n);
            g.get(at, gs, n);
            m1.get(at, ms, n);
            m2.get(at, vs, n);
            for (int j = 0; j < n; j++) {
                float x = gs[j] * gradScale;
                ms[j] = b1 * ms[j] + c1 * x;
                vs[j] = b2 * vs[j] + c2 * x * x;
            }
            for (int j = 0; j < n; j++) {
                gs[j] = (float) Math.sqrt(vs[j]) * bias2 + eps;
            }
            for (int j = 0; j < n; j++) {
                ws[j] = ws[j] * decay - rate * ms[j] / gs[j];
            }
            w.put(at, ws, n);
            m1.put(at, ms, n);
            m2.put(at, vs, n);
        });
    }

    /** A block of a flat vector: elements [at, at + n), block number {@code index}. */
    private interface Block {
        void run(Scratch scratch, long at, int n, int index);
    }

    private void blocks(long length, Block work) {
        int count = (int) ((length + BLOCK - 1) / BLOCK);
        pool.share(count, (scratch, from, to, id) -> {
            for (int i = from; i < to; i++) {
                long at = (long) i * BLOCK;
                work.run(scratch, at, (int) Math.min(BLOCK, length - at), i);
            }
        });
    }
}
