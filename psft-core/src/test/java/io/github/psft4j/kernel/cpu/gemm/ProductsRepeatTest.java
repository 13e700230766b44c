package io.github.psft4j.kernel.cpu.gemm;

import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.GuardedArrays;
import io.github.psft4j.kernel.NativeThreads;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.kernel.cpu.CpuForm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products repeat bit for bit, beside other users of ND4J too; the choice of a form and the threads it takes. */
class ProductsRepeatTest {

    static Stream<TensorOps> forms() {
        List<TensorOps> forms = new ArrayList<>();
        forms.add(new TensorOps(new CpuForm(new WorkerPool(2), new OpenBlasGemm(), Precision.F32)));
        if (OneDnn.status().problem() == null) {
            forms.add(new TensorOps(new CpuForm(new WorkerPool(2), new OneDnnGemm(), Precision.F32)));
        }
        if (OneDnn.status().bf16Problem() == null) {
            forms.add(new TensorOps(new CpuForm(new WorkerPool(2), new OneDnnGemm(), Precision.BF16)));
        }
        return forms.stream();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void productsRepeatBitForBitWhileAnotherThreadUsesNd4j(TensorOps ops) throws InterruptedException {
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 4);
        INDArray x = arrays.normal(301, 70);
        INDArray w = arrays.normal(90, 70);
        INDArray dy = arrays.normal(301, 90);
        double[][] first = products(ops, x, w, dy);
        AtomicBoolean done = new AtomicBoolean();
        List<Throwable> failures = new ArrayList<>();
        Thread other = new Thread(() -> {
            INDArray a = Nd4j.rand(DataType.FLOAT, 120, 120);
            INDArray expected = a.mmul(a);
            while (!done.get()) {
                if (!expected.equalsWithEps(a.mmul(a), 0)) {
                    failures.add(new AssertionError("a product of the other thread changed"));
                }
            }
        });
        other.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
        other.start();
        try {
            for (int i = 0; i < 30; i++) {
                double[][] again = products(ops, x, w, dy);
                for (int j = 0; j < again.length; j++) {
                    assertArrayEquals(first[j], again[j], "product " + j + ", round " + i);
                }
            }
        } finally {
            done.set(true);
            other.join();
        }
        assertEquals(List.of(), failures);
    }

    private static double[][] products(TensorOps ops, INDArray x, INDArray w, INDArray dy) {
        GuardedArrays arrays = new GuardedArrays(DataType.FLOAT, 5);
        INDArray y = arrays.garbage(x.size(0), w.size(0));
        INDArray dx = arrays.garbage(x.size(0), w.size(1));
        INDArray dw = arrays.garbage(w.size(0), w.size(1));
        ops.products().linear(x, w, y, 0);
        ops.products().gradInput(dy, w, dx, 0);
        ops.products().gradWeight(dy, x, dw, 0);
        return new double[][] {values(y), values(dx), values(dw)};
    }

    @Test
    void aFormIsChosenByNameAndAnUnknownOneIsRefused() {
        assertEquals("OpenBLAS f32", GemmChoice.of("openblas").name());
        if (OneDnn.status().problem() == null) {
            assertTrue(GemmChoice.of("auto").name().startsWith("oneDNN f32"));
            assertTrue(GemmChoice.of("onednn").name().startsWith("oneDNN f32"));
        } else {
            assertEquals("OpenBLAS f32", GemmChoice.of("auto").name());
            assertThrows(IllegalArgumentException.class, () -> GemmChoice.of("onednn"));
        }
        String message = assertThrows(IllegalArgumentException.class, () -> GemmChoice.of("mkl"))
                .getMessage();
        assertTrue(message.contains("psft.products") && message.contains("mkl"), message);
    }

    @Test
    void bf16IsRefusedWithTheReasonForNetworksInDouble() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> TensorOpsFactory.forType(DataType.DOUBLE, Precision.BF16))
                .getMessage();
        assertTrue(message.contains("DOUBLE") && message.contains("F32"), message);
    }

    @Test
    void closingTheFactoryGivesNd4jItsThreadsBack() {
        TensorOpsFactory.close();
        int masters = Nd4j.getEnvironment().maxMasterThreads();
        int threads = Nd4j.getEnvironment().maxThreads();
        try {
            Nd4j.getEnvironment().setMaxMasterThreads(2);
            new TensorOps(new CpuForm(new WorkerPool(1)));
            assertEquals(1, Nd4j.getEnvironment().maxMasterThreads());
            TensorOpsFactory.close();
            assertEquals(2, Nd4j.getEnvironment().maxMasterThreads());
            assertEquals(threads, Nd4j.getEnvironment().maxThreads());
        } finally {
            Nd4j.getEnvironment().setMaxMasterThreads(masters);
            NativeThreads.tame(); // operations of other tests are still in use
        }
    }
}
