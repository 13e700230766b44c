package io.github.psft4j.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the output of a product is split among workers. */
class ProductSplitTest {

    @Test
    void aProductIsSplitOnlyWhereThatPays() {
        ProductSplit split = new ProductSplit(new WorkerPool(2));
        assertTrue(split.serial(10, 10, 10));
        assertFalse(split.serial(100, 100, 100));
        assertFalse(split.serial(60, 100, 10), "not below the limit");
        assertTrue(new ProductSplit(new WorkerPool(1)).serial(100, 100, 100));
        assertTrue(split.byRows(1000) && split.byRows(32));
        assertFalse(split.byRows(31), "a worker would get 15 rows, which oneDNN sums in another order");
        for (int[] s : new int[][] {{100, 100, 100}, {4, 5000, 100}, {3, 3, 3}}) {
            List<String> blocks = new ArrayList<>();
            int[] covered = {0};
            split.run(s[0], s[1], s[2], (row0, row1, col0, col1) -> {
                synchronized (blocks) {
                    blocks.add(row0 + "-" + row1 + " x " + col0 + "-" + col1);
                    covered[0] += (row1 - row0) * (col1 - col0);
                }
            });
            assertEquals(s[0] * s[1], covered[0], blocks.toString());
            assertEquals(split.serial(s[0], s[1], s[2]) ? 1 : 2, blocks.size());
            assertEquals(
                    split.serial(s[0], s[1], s[2]) || split.byRows(s[0]),
                    blocks.get(0).endsWith("x 0-" + s[1]),
                    blocks.toString());
        }
        split.run(0, 5, 5, (row0, row1, col0, col1) -> assertNull("an empty output has no block"));
        split.run(5, 0, 5, (row0, row1, col0, col1) -> assertNull("an empty output has no block"));
    }
}
