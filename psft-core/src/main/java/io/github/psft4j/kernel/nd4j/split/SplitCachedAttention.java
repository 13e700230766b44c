package io.github.psft4j.kernel.nd4j.split;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.CachedAttention;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.KeyValueMemory;
import io.github.psft4j.kernel.RotaryTable;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link CachedAttention} of slices of the sequences. */
record SplitCachedAttention(RowSplit split, CachedAttention whole) implements CachedAttention {

    @Override
    public KeyValueMemory memory() {
        return whole.memory();
    }

    @Override
    public void rotate(INDArray qkv, AttentionShape shape, RotaryTable table, int[] positions) {
        whole.rotate(qkv, shape, table, positions);
    }

    @Override
    public void store(INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots) {
        whole.store(qkv, shape, cache, slots);
    }

    @Override
    public void share(KeyValueCache cache, int from, int[] to, int time) {
        whole.share(cache, from, to, time);
    }

    @Override
    public void next(
            INDArray qkv, AttentionShape shape, KeyValueCache cache, int[] slots, int[] positions, INDArray out) {
        if (Arrays.stream(slots).distinct().count() < slots.length) { // rows that see each other's keys
            whole.next(qkv, shape, cache, slots, positions, out);
            return;
        }
        split.perWorker(
                qkv,
                shape.qkvWidth(),
                rows -> whole.next(
                        rows.of(qkv, shape.qkvWidth()),
                        shape,
                        cache,
                        Arrays.copyOfRange(slots, rows.first(), rows.end()),
                        Arrays.copyOfRange(positions, rows.first(), rows.end()),
                        rows.of(out, shape.outWidth())));
    }
}
