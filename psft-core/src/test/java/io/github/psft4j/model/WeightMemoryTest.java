package io.github.psft4j.model;

import static io.github.psft4j.ExactArrays.assertExact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]{1,15})-([0-9a-f]{1,15}) ");

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
            assertExact(a, a.dup());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pagesComeWithTheWritingAndGoWithTheArray() throws Exception {
        INDArray array = WeightMemory.unfilled(DataType.FLOAT, 1, SIZE / Float.BYTES);
        long address = array.data().address();
        long untouched = resident(address);
        assertTrue(untouched < SIZE / 4, () -> untouched / MIB + " MiB are there before the first write");
        INDArray view = array.get(NDArrayIndex.all(), NDArrayIndex.interval(10, 20));
        array.assign(1);
        array = null; // the view keeps the memory
        System.gc();
        Thread.sleep(200);
        assertEquals(10, view.sumNumber().doubleValue());
        long written = resident(address);
        assertTrue(written > SIZE / 2, () -> written / MIB + " MiB are there while a view is in use");
        view = null;
        long after = Long.MAX_VALUE;
        for (int i = 0; i < 100 && after > SIZE / 4; i++) {
            System.gc();
            Thread.sleep(100);
            after = resident(address);
        }
        assertTrue(after < SIZE / 4, "the memory is not freed: " + after / MIB + " MiB");
    }

    /** Bytes in memory of the mapping with this address: so large an array has its own; 0 without one. */
    private static long resident(long address) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            Matcher mapping = MAPPING.matcher(line);
            if (mapping.lookingAt()) {
                inside = Long.parseUnsignedLong(mapping.group(1), 16) <= address
                        && address < Long.parseUnsignedLong(mapping.group(2), 16);
            } else if (inside && line.startsWith("Rss:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }
}
