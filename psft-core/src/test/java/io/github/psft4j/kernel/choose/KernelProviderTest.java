package io.github.psft4j.kernel.choose;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightAndBias;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A form that another jar brings: {@link NormsOnlyProvider}, which ServiceLoader finds on the class path of the tests.
 */
class KernelProviderTest {

    @BeforeEach
    @AfterEach
    void forgetTheChoice() {
        System.clearProperty(TensorOpsFactory.OPS_PROPERTY);
        TensorOpsFactory.close();
    }

    private static TensorOps forced(String name) {
        TensorOpsFactory.close();
        System.setProperty(TensorOpsFactory.OPS_PROPERTY, name);
        return TensorOpsFactory.forType(DataType.FLOAT);
    }

    @Test
    void itsFamilyIsUsedAndNd4jServesTheOthers() {
        TensorOps nd4j = forced("portable");
        TensorOps ops = forced(NormsOnlyProvider.NAME);
        assertEquals("norms-only; other families: " + nd4j.name(), ops.name());
        List<Function<TensorOps, Object>> others = List.of(
                TensorOps::products,
                TensorOps::activations,
                TensorOps::attention,
                TensorOps::cachedAttention,
                TensorOps::softmax,
                TensorOps::vectors);
        for (Function<TensorOps, Object> family : others) {
            assertSame(family.apply(nd4j).getClass(), family.apply(ops).getClass());
        }

        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 1);
        INDArray x = arrays.normal(3, 5);
        INDArray gain = arrays.normal(5);
        INDArray y = arrays.garbage(3, 5);
        INDArray expected = arrays.garbage(3, 5);
        nd4j.norms().forward(x, new WeightAndBias(gain, null), 1e-5, expected, arrays.garbage(3));
        for (TensorOps it : List.of(ops, ops.serial())) {
            int before = NormsOnlyProvider.CALLS.get();
            it.norms().forward(x, new WeightAndBias(gain, null), 1e-5, y, arrays.garbage(3));
            assertEquals(before + 1, NormsOnlyProvider.CALLS.get());
            assertClose(values(expected), y, 0, it.name());
        }
    }

    @Test
    void nd4jServesTheTypesThatItDoesNot() {
        forced("portable");
        String nd4j = TensorOpsFactory.forType(DataType.DOUBLE).name();
        forced(NormsOnlyProvider.NAME);
        assertEquals(nd4j, TensorOpsFactory.forType(DataType.DOUBLE).name());
        assertEquals("computes in FLOAT and F32 only", TensorOpsFactory.bf16Problem(DataType.FLOAT));
    }

    @Test
    void aNegativePriorityIsNeverChosenByItself() {
        assertNotEquals(
                NormsOnlyProvider.NAME,
                TensorOpsFactory.forType(DataType.FLOAT).form().name());
    }

    @Test
    void anUnknownNameIsRefusedWithTheNamesThatExist() {
        String message = assertThrows(IllegalArgumentException.class, () -> forced("gpu"))
                .getMessage();
        assertEquals("psft.ops must be auto, cpu, portable or norms-only, was 'gpu'", message);
    }

    @Test
    void aFormWithoutAllFamiliesNeedsAnother() {
        KernelForm form = new NormsOnlyProvider().form(null);
        String message = assertThrows(IllegalArgumentException.class, () -> new TensorOps(form))
                .getMessage();
        assertTrue(message.contains(NormsOnlyProvider.NAME), message);
    }
}
