package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.KeyValueCache;
import io.github.psft4j.kernel.cpu.rows.CachedPages;
import java.util.Arrays;

/**
 * The cache of {@link CpuCachedAttention}: a slot is a list of pages, which grows with its sequence. Slots may hold the
 * same page; it is copied before one of them writes.
 */
final class CpuKeyValueCache implements KeyValueCache {

    private static final int ENTRIES = CachedPages.ENTRIES;

    private final int capacity;
    private final int headDim;
    private final int values; // where a page's values begin, behind the keys of all heads
    private final PagePool pool;
    private final Slot[] slots;

    CpuKeyValueCache(PagePool pool, int slotCount, AttentionShape shape, int longest) {
        this.capacity = KeyValueCache.capacity(shape, longest);
        this.headDim = shape.headDim();
        this.values = pageSize(shape) / 2;
        this.pool = pool;
        this.slots = new Slot[slotCount];
        Arrays.setAll(slots, i -> new Slot());
    }

    /** Floats of a page. */
    static int pageSize(AttentionShape shape) {
        return 2 * ENTRIES * shape.kvHeads() * shape.headDim();
    }

    @Override
    public int capacity() {
        return capacity;
    }

    Slot slot(int number) {
        return slots[number];
    }

    @Override
    public void release(int slot) {
        slots[slot].clear();
    }

    /** Keys and values of one sequence. In a page, the keys of all heads come before their values. */
    final class Slot implements CachedPages {

        private int[] pages = new int[0];
        private int count;

        private void clear() {
            while (count > 0) {
                pool.release(pages[--count]);
            }
        }

        /** Makes room for so many entries and keeps those that are there. */
        void reserve(int entries) {
            int wanted = CachedPages.pages(entries);
            if (wanted > pages.length) {
                pages = Arrays.copyOf(pages, Math.max(wanted, 2 * pages.length));
            }
            while (count < wanted) {
                pages[count++] = pool.take();
            }
        }

        /** Forgets what is there and makes room for so many entries. */
        void restart(int entries) {
            clear();
            reserve(entries);
        }

        /** Holds the first entries of another slot from now on. */
        void share(Slot other, int entries) {
            clear();
            int shared = CachedPages.pages(entries);
            pages = Arrays.copyOf(other.pages, Math.max(shared, pages.length));
            while (count < shared) {
                pool.share(pages[count++]);
            }
        }

        /** Makes sure that no other slot sees what is written to an entry from now on. */
        void own(int entry) {
            int page = entry / ENTRIES;
            pages[page] = pool.own(pages[page]);
        }

        /** Writes the keys in[key ..] and the values in[value ..] of so many heads. */
        void put(int entry, int head, int heads, float[] in, int key, int value) {
            int page = pages[entry / ENTRIES];
            int at = entry % ENTRIES;
            pool.scatter(page, keys(head) + at, ENTRIES, in, key, heads * headDim);
            for (int h = 0; h < heads; h++) {
                pool.put(page, values(head + h) + at * headDim, in, value + h * headDim, headDim);
            }
        }

        /** Writes a page: keys {@code [heads][d][ENTRIES]}, and values {@code [heads][ENTRIES][d]} after them. */
        void put(int page, float[] keysAndValues) {
            pool.put(pages[page], 0, keysAndValues, 0, 2 * values);
        }

        @Override
        public void keys(int page, int head, int heads, float[] out, int at) {
            pool.get(pages[page], keys(head), out, at, heads * ENTRIES * headDim);
        }

        @Override
        public void values(int page, int head, int heads, float[] out, int at) {
            pool.get(pages[page], values(head), out, at, heads * ENTRIES * headDim);
        }

        /** Where the keys of a head begin in a page. */
        private int keys(int head) {
            return ENTRIES * headDim * head;
        }

        /** Where its values begin. */
        private int values(int head) {
            return values + ENTRIES * headDim * head;
        }
    }
}
