package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.KeyValueMemory;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pages outside of the Java heap, which blocks of equal heads take from one pool. */
final class CpuKeyValueMemory implements KeyValueMemory {

    private final Map<Integer, PagePool> pools = new HashMap<>(); // by size of a page

    @Override
    public KeyValueCache cache(int slots, AttentionShape shape, INDArray like, int longest) {
        PagePool pool = pools.computeIfAbsent(CpuKeyValueCache.pageSize(shape), PagePool::new);
        return new CpuKeyValueCache(pool, slots, shape, longest);
    }

    @Override
    public long bytes() {
        return pools.values().stream().mapToLong(PagePool::bytes).sum();
    }

    @Override
    public void close() {
        pools.values().forEach(PagePool::close);
    }
}
