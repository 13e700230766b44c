package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.Activations;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.ThreadScratch;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link Activations} in float, block by block. */
record CpuActivations(WorkerPool pool, RowMath rows) implements Activations {

    private static final int BLOCK = Blocks.SIZE;

    @Override
    public void apply(Activation a, INDArray x, INDArray y) {
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory ys = FloatMemory.of(y);
        Blocks.run(pool, x.length(), (scratch, at, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            xs.get(at, in, m);
            rows.activate(a, in, value, m);
            ys.put(at, value, m);
        });
    }

    @Override
    public void grad(Activation a, INDArray dy, INDArray x, INDArray dx) {
        grad(a, dy, x, dx, null);
    }

    @Override
    public void grad(Activation a, INDArray dy, INDArray x, INDArray dx, INDArray y) {
        FloatMemory dys = FloatMemory.of(dy);
        FloatMemory xs = FloatMemory.of(x);
        FloatMemory dxs = FloatMemory.of(dx);
        FloatMemory ys = y == null ? null : FloatMemory.of(y);
        Blocks.run(pool, x.length(), (scratch, at, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            float[] slope = scratch.array(2, BLOCK);
            xs.get(at, in, m);
            rows.activate(a, in, value, slope, m);
            dys.get(at, in, m);
            if (ys != null) {
                ys.put(at, value, m);
            }
            rows.multiply(in, slope, m);
            dxs.put(at, slope, m);
        });
    }

    @Override
    public void gated(Activation a, INDArray gateUp, INDArray h) {
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory hs = FloatMemory.of(h);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        rowBlocks((int) (gateUp.length() / (2L * f)), f, (scratch, row, c, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            gu.get(row * 2 * f + c, in, m);
            rows.activate(a, in, value, m);
            gu.get(row * 2 * f + f + c, in, m);
            rows.multiply(in, value, m);
            hs.put(row * f + c, value, m);
        });
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp) {
        gatedGrad(a, dh, gateUp, dGateUp, null);
    }

    @Override
    public void gatedGrad(Activation a, INDArray dh, INDArray gateUp, INDArray dGateUp, INDArray h) {
        FloatMemory dhs = FloatMemory.of(dh);
        FloatMemory gu = FloatMemory.of(gateUp);
        FloatMemory dgu = FloatMemory.of(dGateUp);
        FloatMemory hs = h == null ? null : FloatMemory.of(h);
        int f = (int) (gateUp.size(gateUp.rank() - 1) / 2);
        rowBlocks((int) (gateUp.length() / (2L * f)), f, (scratch, row, c, m) -> {
            float[] in = scratch.array(0, BLOCK);
            float[] value = scratch.array(1, BLOCK);
            float[] slope = scratch.array(2, BLOCK);
            long at = row * 2 * f + c;
            gu.get(at, in, m);
            rows.activate(a, in, value, slope, m);
            float[] up = scratch.array(3, BLOCK);
            gu.get(at + f, up, m);
            dhs.get(row * f + c, in, m);
            if (hs != null) {
                float[] hidden = scratch.array(4, BLOCK);
                System.arraycopy(up, 0, hidden, 0, m);
                rows.multiply(value, hidden, m);
                hs.put(row * f + c, hidden, m);
            }
            rows.gateGrad(in, up, value, slope, m);
            dgu.put(at, slope, m);
            dgu.put(at + f, value, m);
        });
    }

    private interface RowBlock {
        void run(ThreadScratch scratch, long row, int column, int n);
    }

    private void rowBlocks(int rows, int width, RowBlock work) {
        pool.share(rows, (from, to, id) -> {
            ThreadScratch scratch = ThreadScratch.local();
            for (int i = from; i < to; i++) {
                for (int c = 0; c < width; c += BLOCK) {
                    work.run(scratch, i, c, Math.min(BLOCK, width - c));
                }
            }
        });
    }
}
