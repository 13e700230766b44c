package io.github.psft4j.kernel.nd4j;

import static io.github.psft4j.kernel.Views.column;
import static io.github.psft4j.kernel.Views.narrow;
import static io.github.psft4j.kernel.Views.rowRange;
import static io.github.psft4j.kernel.Views.rows;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.KeyValueMemory;
import io.github.psft4j.kernel.RotaryTable;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link CachedAttention} by operations of ND4J. Neighbouring slots at the same position go through one product. */
final class Nd4jCachedAttention implements CachedAttention {

    /** Memory of the current workspace, or else of the collector. */
    private record Current() implements KeyValueMemory {

        @Override
        public KeyValueCache cache(int slots, AttentionShape shape, INDArray like, int longest) {
            long width = 2L * shape.kvHeads() * shape.headDim();
            int capacity = KeyValueCache.capacity(shape, longest);
            return new Nd4jKeyValueCache(
                    Nd4j.createUninitialized(like.dataType(), new long[] {slots, capacity, width}, 'c'));
        }

        @Override
        public long bytes() {
            return 0;
        }

        @Override
        public void close() {
            // the workspace frees it
        }
    }

    @Override
    public KeyValueMemory memory() {
        return new Current();
    }

    @Override
    public void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions) {
        int half = shape.headDim() / 2;
        float[] cos = new float[positions.length * half];
        float[] sin = new float[positions.length * half];
        for (int r = 0; r < positions.length; r++) {
            table.check(shape, positions[r]);
            System.arraycopy(table.cos(), positions[r] * half, cos, r * half, half);
            System.arraycopy(table.sin(), positions[r] * half, sin, r * half, half);
        }
        AttentionShape rows = new AttentionShape(
                1, positions.length, shape.heads(), shape.kvHeads(), shape.headDim(), 0, shape.scale());
        Nd4jRotary.rotate(qkv, rows, cos, sin);
    }

    @Override
    public void store(INDArray qkv, AttentionShape shape, KeyValueCache kept, int[] slots) {
        Nd4jKeyValueCache cache = (Nd4jKeyValueCache) kept;
        int capacity = cache.capacity();
        INDArray keysValues = keysValues(qkv, shape, shape.rows()); // [n, 2 KV * d]
        INDArray entries = rows(cache.array(), cache.array().size(2)); // [slots * capacity, 2 KV * d]
        for (int b = 0; b < slots.length; b++) {
            long slot = (long) slots[b] * capacity;
            int time = shape.layout().length(b);
            for (int t = Math.max(0, time - capacity); t < time; ) {
                int entry = cache.entry(t);
                int n = Math.min(time - t, capacity - entry); // up to the end of the ring
                long row = shape.layout().start(b) + t;
                rowRange(entries, slot + entry, slot + entry + n).assign(narrow(keysValues, 0, row, row + n));
                t += n;
            }
        }
    }

    @Override
    public void share(KeyValueCache kept, int from, int[] to, int time) {
        INDArray array = ((Nd4jKeyValueCache) kept).array();
        int entries = Math.min(time, kept.capacity());
        INDArray source = narrow(narrow(array, 0, from, from + 1), 1, 0, entries);
        for (int slot : to) {
            narrow(narrow(array, 0, slot, slot + 1), 1, 0, entries).assign(source);
        }
    }

    private static INDArray keysValues(INDArray qkv, AttentionShape shape, long n) {
        return narrow(qkv.reshape('c', n, shape.qkvWidth()), 1, shape.keyColumn(0), shape.qkvWidth());
    }

    @Override
    public void next(
            INDArray qkv, AttentionShape shape, KeyValueCache kept, int[] slots, int[] positions, INDArray out) {
        Nd4jKeyValueCache cache = (Nd4jKeyValueCache) kept;
        INDArray allOut = out.reshape('c', slots.length, shape.outWidth());
        INDArray all = qkv.reshape('c', slots.length, shape.qkvWidth());
        for (int from = 0; from < slots.length; ) {
            int to = from + 1;
            while (to < slots.length && slots[to] == slots[to - 1] + 1 && positions[to] == positions[from]) {
                to++;
            }
            INDArray slotRange =
                    narrow(cache.array(), 0, slots[from], slots[from] + to - from); // [R, capacity, 2 KV d]
            int entry = cache.entry(positions[from]);
            narrow(slotRange, 1, entry, entry + 1)
                    .assign(keysValues(rowRange(all, from, to), shape, to - from)
                            .reshape(to - from, 1, cache.array().size(2)));
            INDArray seen = narrow(slotRange, 1, 0, cache.visible(positions[from]));
            attend(rowRange(all, from, to), shape, seen, rowRange(allOut, from, to));
            from = to;
        }
    }

    /** qkv {@code [R, (H + 2 KV) d]}, keysValues {@code [R, S, 2 KV d]}, out {@code [R, H d]}. */
    private static void attend(INDArray qkv, AttentionShape shape, INDArray keysValues, INDArray out) {
        long r = qkv.size(0);
        long s = keysValues.size(1);
        int kv = shape.kvHeads();
        int d = shape.headDim();
        long half = (long) kv * d;
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(qkv.dataType())) {
            INDArray q = tmp.empty(r, shape.outWidth()).assign(narrow(qkv, 1, 0, shape.outWidth()));
            q = q.muli(shape.scale()).reshape('c', r * kv, shape.group(), d);
            INDArray k = heads(narrow(keysValues, 2, 0, half), kv, d, tmp); // [R * KV, S, d]
            INDArray v = heads(narrow(keysValues, 2, half, 2 * half), kv, d, tmp);
            INDArray p = tmp.empty(r * kv, shape.group(), s);
            Nd4j.exec(new Mmul(q, k, p, MMulTranspose.builder().transposeB(true).build()));
            INDArray scores = rows(p, s); // [R * H, S]
            scores.subiColumnVector(column(scores.max(1)));
            Transforms.exp(scores, false);
            INDArray sum = tmp.empty(scores.size(0), 1);
            Nd4jSums.ofColumns(scores, sum, tmp);
            INDArray o = tmp.empty(r * kv, shape.group(), d);
            Nd4j.exec(new Mmul(p, v, o, MMulTranspose.builder().build()));
            rows(o, d).diviColumnVector(sum);
            out.assign(o.reshape('c', r, shape.outWidth()));
        }
    }

    /** Dense {@code [R * KV, S, d]} of {@code [R, S, KV d]}. */
    private static INDArray heads(INDArray x, int kv, int d, Nd4jTemporaries tmp) {
        long r = x.size(0);
        long s = x.size(1);
        INDArray dense = tmp.empty(r, s, (long) kv * d).assign(x);
        INDArray out = tmp.empty(r * kv, s, d);
        out.reshape('c', r, kv, s, d).assign(dense.reshape('c', r, s, kv, d).permute(0, 2, 1, 3));
        return out;
    }
}
