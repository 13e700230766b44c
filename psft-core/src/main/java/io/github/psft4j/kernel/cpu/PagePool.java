package io.github.psft4j.kernel.cpu;

import io.github.psft4j.kernel.cpu.gemm.FloatMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pages of off-heap floats, all of one size, that slots of caches take, share and give back. The pool grows when no
 * page is free. Pages are taken and given back by one thread; any may read and write them.
 */
final class PagePool {

    // Floats of a piece of memory: small for tiny models, then so large that the system gets it back.
    private static final long FIRST = 1L << 18;
    private static final long MOST = 1L << 22;

    private final int size; // floats of a page
    private final List<FloatMemory> pieces = new ArrayList<>();
    private long floats; // of all pieces
    private FloatMemory[] memory = {}; // by page
    private long[] offset = {}; // by page
    private int[] users = {}; // by page: how often it has been taken and shared
    private int[] free = {}; // its first elements: pages without a user
    private int freeCount;
    private boolean closed;

    PagePool(int size) {
        this.size = size;
    }

    /** A page for one user, with any content. */
    int take() {
        if (freeCount == 0) {
            grow();
        }
        int page = free[--freeCount];
        users[page] = 1;
        return page;
    }

    /** Counts one more user. */
    void share(int page) {
        users[page]++;
    }

    /** Counts one user less. */
    void release(int page) {
        if (--users[page] == 0) {
            free[freeCount++] = page;
        }
    }

    /** A page that only the caller uses, in the place of one that it uses: itself, or a copy. */
    int own(int page) {
        if (users[page] == 1) {
            return page;
        }
        int copy = take();
        float[] content = new float[size];
        memory[page].get(offset[page], content, size);
        memory[copy].put(offset[copy], content, size);
        release(page);
        return copy;
    }

    private void grow() {
        if (closed) {
            throw new IllegalStateException("the memory of this cache has been freed");
        }
        long wanted = Math.max(FIRST, Math.min(MOST, floats));
        int more = (int) Math.max(1, wanted / size);
        FloatMemory piece = FloatMemory.allocate((long) more * size);
        pieces.add(piece);
        floats += piece.length();
        int first = users.length;
        int all = first + more;
        memory = Arrays.copyOf(memory, all);
        offset = Arrays.copyOf(offset, all);
        users = Arrays.copyOf(users, all);
        free = new int[all];
        for (int i = 0; i < more; i++) {
            memory[first + i] = piece;
            offset[first + i] = (long) i * size;
            free[freeCount++] = all - 1 - i; // the first is taken first
        }
    }

    /** Copies n floats of a page to out[at ..]. */
    void get(int page, int from, float[] out, int at, int n) {
        memory[page].get(offset[page] + from, out, at, n);
    }

    /** Copies n floats in[at ..] into a page. */
    void put(int page, int to, float[] in, int at, int n) {
        memory[page].put(offset[page] + to, in, at, n);
    }

    /** Writes n floats in[at ..] into a page, so many steps apart. */
    void scatter(int page, int to, int step, float[] in, int at, int n) {
        memory[page].scatter(offset[page] + to, step, in, at, n);
    }

    /** Bytes of all pages, free ones included. */
    long bytes() {
        return floats * Float.BYTES;
    }

    /** Frees all pages; using one fails from then on. */
    void close() {
        closed = true;
        memory = new FloatMemory[0];
        users = new int[0];
        freeCount = 0;
        floats = 0;
        pieces.forEach(FloatMemory::free);
        pieces.clear();
    }
}
