package io.github.psft4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Memory of weights: an array like others, whose pages come when they are written and go when no array uses them. */
class WeightMemoryTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 512 * MIB; // bytes

    @Test
    void isAnArrayLikeOthers() {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE, DataType.BFLOAT16}) {
            INDArray a = WeightMemory.unfilled(type, 3, 4);
            assertEquals(type, a.dataType());
            assertEquals('c', a.ordering());
            a.assign(2);
            a.get(NDArrayIndex.point(1), NDArrayIndex.all()).addi(1);
            INDArray row = a.getRow(1);
            assertEquals(28, a.sumNumber().doubleValue());
            assertEquals(12, row.dup().sumNumber().doubleValue());
            assertEquals(a, a.dup());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pagesComeWithTheWritingAndGoWithTheArray() throws Exception {
        System.gc(); // what it frees later is less than the quarters below
        long before = resident();
        INDArray array = WeightMemory.unfilled(DataType.FLOAT, 1, SIZE / Float.BYTES);
        long untouched = resident() - before;
        assertTrue(untouched < SIZE / 4, () -> untouched / MIB + " MiB are there before the first write");
        INDArray view = array.get(NDArrayIndex.all(), NDArrayIndex.interval(10, 20));
        array.assign(1);
        array = null; // the view keeps the memory
        System.gc();
        Thread.sleep(200);
        assertEquals(10, view.sumNumber().doubleValue());
        long written = resident() - before;
        assertTrue(written > SIZE / 2, () -> written / MIB + " MiB are there while a view is in use");
        view = null;
        long after = Long.MAX_VALUE;
        for (int i = 0; i < 100 && after > SIZE / 4; i++) {
            System.gc();
            Thread.sleep(100);
            after = resident() - before;
        }
        assertTrue(after < SIZE / 4, "the memory is not freed: " + after / MIB + " MiB");
    }

    /** Bytes of this process that are in memory. */
    private static long resident() throws IOException {
        return Arrays.stream(Files.readString(Path.of("/proc/self/status")).split("\n"))
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
