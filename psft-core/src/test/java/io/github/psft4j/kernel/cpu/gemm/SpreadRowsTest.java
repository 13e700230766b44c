package io.github.psft4j.kernel.cpu.gemm;

import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import io.github.psft4j.kernel.GuardedArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows that are copied to another distance give products of the same bits. */
class SpreadRowsTest {

    @ParameterizedTest(name = "{0} x {1} of {2} rows")
    @CsvSource({"1024, 256, 400", "1000, 256, 300", "514, 33, 384", "40, 64, 193"})
    void aProductOfCopiedRowsHasTheBitsOfOneThatReadsThemInPlace(int m, int n, int k) {
        assumeTrue(OneDnn.status().problem() == null, OneDnn.status().problem());
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 7);
        INDArray near = arrays.normal(k, 1024); // 4 kB from row to row
        INDArray apart = arrays.garbage(k, 1040);
        apart.get(all(), interval(0, 1024)).assign(near);
        INDArray b = arrays.normal(k, n);
        assertArrayEquals(product(apart, b, m, n, k), product(near, b, m, n, k));
    }

    private static double[] product(INDArray a, INDArray b, int m, int n, int k) {
        INDArray c = new GuardedArrays(DataType.FLOAT, 8).normal(m, n);
        Operands o = Operands.local();
        o.a.transposed(FloatMemory.of(a), 0, (int) a.size(1));
        o.b.at(FloatMemory.of(b), 0, n);
        o.c.at(FloatMemory.of(c), 0, n);
        new OneDnnGemm().run(m, n, k, 1, o.a, o.b, 1, o.c);
        return values(c);
    }

    @Test
    void onlyTransposedRowsOfMultiplesOf2Or4KilobytesBesideFewColumnsAreCopied() {
        boolean avx2 = OneDnn.status().isa().equals("AVX2");
        FloatMemory memory = FloatMemory.of(new GuardedArrays(DataType.FLOAT, 9).normal(1));
        Matrix a = new Matrix();
        assertTrue(SpreadRows.gains(1000, 256, a.transposed(memory, 0, 1024)));
        assertEquals(avx2, SpreadRows.gains(1000, 32, a.transposed(memory, 0, 512)));
        assertFalse(SpreadRows.gains(1000, 257, a.transposed(memory, 0, 1024)));
        assertFalse(SpreadRows.gains(1000, 256, a.transposed(memory, 0, 768)));
        assertFalse(SpreadRows.gains(1000, 256, a.at(memory, 0, 1024)));
    }
}
