package io.github.psft4j.kernel.choose;

import static org.bytedeco.openblas.global.openblas.blas_get_num_threads;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;
import io.github.psft4j.kernel.cpu.gemm.OpenBlasGemm;
import io.github.psft4j.kernel.cpu.rows.PlainRows;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import io.github.psft4j.kernel.cpu.rows.VectorRows;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.split.SplitForm;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;

/** Which form of the kernels a process gets, by what it asked for, and that all threads can be had back. */
class KernelChoicesTest {

    @BeforeEach
    @AfterEach
    void chooseAnew() {
        System.clearProperty(TensorOpsFactory.OPS_PROPERTY);
        System.clearProperty(GemmChoice.PRODUCTS_PROPERTY);
        TensorOpsFactory.close();
    }

    private static TensorOps forced(String property, String value) {
        System.setProperty(property, value);
        return TensorOpsFactory.forType(DataType.FLOAT);
    }

    @Test
    void floatGetsTheCpuFormAndDoubleThePortableOneOnceForAll() {
        assumeTrue(Nd4j.getEnvironment().isCPU());
        TensorOps ops = TensorOpsFactory.forType(DataType.FLOAT);
        assertInstanceOf(CpuForm.class, ops.form());
        assertSame(ops, TensorOpsFactory.forType(DataType.FLOAT));
        assertSame(ops, TensorOpsFactory.forType(DataType.FLOAT, Precision.F32));
        assertSame(
                portableForm(), TensorOpsFactory.forType(DataType.DOUBLE).form().getClass());
        assertThrows(IllegalArgumentException.class, () -> TensorOpsFactory.forType(DataType.FLOAT16));
    }

    /** One worker has nobody to share slices with. */
    private static Class<?> portableForm() {
        return WorkerPool.shared().workers() > 1 ? SplitForm.class : Nd4jForm.class;
    }

    @Test
    void thePropertyDecides() {
        assumeTrue(Nd4j.getEnvironment().isCPU());
        TensorOps portable = forced(TensorOpsFactory.OPS_PROPERTY, "portable");
        assertSame(portableForm(), portable.form().getClass());
        assertTrue(portable.name().startsWith("portable, ND4J operations"), portable.name());
        assertTrue(TensorOpsFactory.bf16Problem(DataType.FLOAT).contains("portable"), "bf16 is of the CPU form");
        TensorOpsFactory.close();
        assertInstanceOf(
                CpuForm.class, forced(TensorOpsFactory.OPS_PROPERTY, "cpu").form());
        assertSame(
                portableForm(), TensorOpsFactory.forType(DataType.DOUBLE).form().getClass());
        TensorOpsFactory.close();
        assertThrows(IllegalArgumentException.class, () -> forced(TensorOpsFactory.OPS_PROPERTY, "gpu"));
    }

    @Test
    void productsAreChosenByNameToo() {
        assertEquals("OpenBLAS f32", GemmChoice.of("openblas").name());
        TensorOps ops = forced(GemmChoice.PRODUCTS_PROPERTY, "openblas");
        assertTrue(ops.name().contains("OpenBLAS"));
        assertEquals(Precision.F32, ops.products().precision());
        ops.products().holdWeights().close(); // float products read weights as they are, so nothing ends here
        assertThrows(IllegalArgumentException.class, () -> GemmChoice.of("mkl"));
        if (OneDnn.status().problem() == null) {
            assertInstanceOf(OneDnnGemm.class, GemmChoice.of("onednn"));
            assertInstanceOf(OneDnnGemm.class, GemmChoice.of("auto"));
        } else {
            assertThrows(IllegalArgumentException.class, () -> GemmChoice.of("onednn"));
            assertInstanceOf(OpenBlasGemm.class, GemmChoice.of("auto"));
        }
    }

    @Test
    void bf16IsFreshForEveryNetworkOrRefusedWithTheReason() {
        String problem = TensorOpsFactory.bf16Problem(DataType.FLOAT);
        assertEquals(OneDnn.status().bf16Problem(), problem);
        assertTrue(TensorOpsFactory.bf16Problem(DataType.DOUBLE).contains("DOUBLE"));
        if (problem == null) {
            TensorOps ops = TensorOpsFactory.forType(DataType.FLOAT, Precision.BF16);
            assertEquals(Precision.BF16, ops.products().precision());
            assertTrue(ops.name().contains("oneDNN bf16"), ops.name());
            assertNotSame(ops, TensorOpsFactory.forType(DataType.FLOAT, Precision.BF16));
        } else {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> TensorOpsFactory.forType(DataType.FLOAT, Precision.BF16))
                    .getMessage();
            assertTrue(message.contains(problem), message);
            assertTrue(message.contains("model.frozen: bf16"), message);
            TensorOps weights = TensorOpsFactory.forGeneration(DataType.FLOAT, Precision.BF16);
            assertTrue(weights.name().contains("bf16 weights, products in f32"), weights.name());
            assertEquals(Precision.BF16, weights.products().precision());
        }
        String type = assertThrows(
                        IllegalArgumentException.class,
                        () -> TensorOpsFactory.forGeneration(DataType.DOUBLE, Precision.BF16))
                .getMessage();
        assertTrue(type.contains("DOUBLE"), type);
    }

    /**
     * Interpreted, or compiled by another compiler than C2, vectors are objects: a hundred times slower than plain
     * rows.
     */
    @Test
    void vectorRowsAreChosenWhereTheirCompilerIsInUse() {
        assertInstanceOf(PlainRows.class, RowMathFactory.choose("plain"));
        boolean module = ModuleLayer.boot().modules().toString().contains("jdk.incubator.vector");
        assertEquals(module, RowMathFactory.moduleLoaded());
        if (!RowMathFactory.moduleLoaded()) {
            assertInstanceOf(PlainRows.class, RowMathFactory.choose("auto"));
            assertThrows(IllegalStateException.class, () -> RowMathFactory.choose("vector"));
            return;
        }
        assertInstanceOf(VectorRows.class, RowMathFactory.choose("vector"));
        String[][] machines = { // java.vm.name, .version, .info
            {"OpenJDK 64-Bit Server VM", "17.0.15+6", "mixed mode, sharing"},
            {"OpenJDK 64-Bit Client VM", "17.0.15+6", "mixed mode, sharing"},
            {"OpenJDK 64-Bit Server VM", "17.0.15+6-jvmci-23.1", "mixed mode, sharing"},
            {"OpenJDK 64-Bit Server VM", "17.0.15+6", "interpreted mode, sharing"},
            {"OpenJDK 64-Bit Server VM", "17.0.15+6", "mixed mode, emulated-client, sharing"},
        };
        String[] properties = {"java.vm.name", "java.vm.version", "java.vm.info"};
        String[] own = Arrays.stream(properties).map(System::getProperty).toArray(String[]::new);
        try {
            for (String[] machine : machines) {
                for (int i = 0; i < properties.length; i++) {
                    System.setProperty(properties[i], machine[i]);
                }
                boolean vectors = machine == machines[0] && VectorRows.lanes() >= 4;
                assertEquals(
                        vectors ? VectorRows.class : PlainRows.class,
                        RowMathFactory.choose("auto").getClass(),
                        String.join(", ", machine));
            }
        } finally {
            for (int i = 0; i < properties.length; i++) {
                System.setProperty(properties[i], own[i]);
            }
        }
    }

    @Test
    void anUnknownFormOfRowsIsRefusedByName() {
        String message = assertThrows(IllegalArgumentException.class, () -> RowMathFactory.choose("fast"))
                .getMessage();
        assertTrue(message.contains("psft.rows") && message.contains("fast"), message);
    }

    /** OpenMP workers that spin would fight the pool for the cores; other code gets them back afterwards. */
    @Test
    void threadsAreTakenWhileTheCpuFormIsInUseAndGivenBack() {
        assumeTrue(Nd4j.getEnvironment().isCPU());
        Environment nd4j = Nd4j.getEnvironment();
        int masters = nd4j.maxMasterThreads();
        int blas = blas_get_num_threads();
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "a machine with one core");
        try {
            nd4j.setMaxMasterThreads(2);
            blas_set_num_threads(2);
            for (int i = 0; i < 2; i++) { // a second network takes nothing more
                new TensorOps(new CpuForm(new WorkerPool(1)));
                assertEquals(1, nd4j.maxMasterThreads());
                assertEquals(1, blas_get_num_threads());
            }
            for (int i = 0; i < 2; i++) {
                TensorOpsFactory.close();
                assertEquals(2, nd4j.maxMasterThreads());
                assertEquals(2, blas_get_num_threads());
            }
        } finally {
            nd4j.setMaxMasterThreads(masters);
            blas_set_num_threads(blas);
        }
    }

    @Test
    void aPoolHasAtLeastOneWorkerAndSaysHowMany() {
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
        assertEquals(1, new WorkerPool(1).workers());
        assertTrue(new TensorOps(new CpuForm(new WorkerPool(2))).name().contains("2 workers"));
        assertTrue(new TensorOps(new SplitForm(new WorkerPool(2))).name().contains("2 workers"));
        assertTrue(WorkerPool.shared().workers() >= 1);
    }
}
