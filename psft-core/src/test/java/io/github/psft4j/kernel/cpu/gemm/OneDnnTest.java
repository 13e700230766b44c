package io.github.psft4j.kernel.cpu.gemm;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_sse41;
import static org.bytedeco.dnnl.global.dnnl.dnnl_invalid_arguments;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What oneDNN is used for by processor, that its refusals become exceptions, and that it stays on the calling thread.
 */
class OneDnnTest {

    @Test
    void theInstructionsOfTheProcessorDecideWhatItIsUsedFor() {
        assertEquals(new OneDnn.Status(null, null, "AVX512-BF16", false), OneDnn.of(dnnl_cpu_isa_avx512_core_bf16));
        assertEquals(new OneDnn.Status(null, null, "AVX512-AMX", true), OneDnn.of(dnnl_cpu_isa_avx512_core_amx));
        for (int isa : new int[] {dnnl_cpu_isa_avx512_core, dnnl_cpu_isa_avx512_core_vnni}) {
            OneDnn.Status wide = OneDnn.of(isa);
            assertEquals("AVX-512", wide.isa());
            assertNull(wide.problem());
            assertTrue(wide.bf16Problem().contains("slower"), wide.bf16Problem());
        }
        OneDnn.Status avx2 = OneDnn.of(dnnl_cpu_isa_avx2);
        assertEquals("AVX2", avx2.isa());
        assertNull(avx2.problem());
        assertTrue(avx2.bf16Problem().contains("no bfloat16"), avx2.bf16Problem());
        OneDnn.Status old = OneDnn.of(dnnl_cpu_isa_sse41);
        assertEquals("none", old.isa());
        assertEquals("this CPU has no AVX2", old.problem());
        assertEquals(old.problem(), old.bf16Problem());
    }

    @Test
    void aCallThatItRefusesIsAnExceptionWithTheNameOfTheCall() {
        assertDoesNotThrow(() -> OneDnn.check(dnnl_success, "something"));
        assertMessage("something failed with status 2", () -> OneDnn.check(dnnl_invalid_arguments, "something"));
        assumeTrue(OneDnn.status().problem() == null, OneDnn.status().problem());
        FloatMemory c = FloatMemory.allocate(64);
        Gemm gemm = new OneDnnGemm();
        Operands o = Operands.local();
        assertMessage(
                "sgemm", // rows of 4 every 3
                () -> gemm.run(4, 4, 4, 1, o.a.at(c, 0, 3), o.b.at(c, 16, 4), 0, o.c.at(c, 32, 4)));
        assumeTrue(OneDnn.status().bf16Problem() == null, OneDnn.status().bf16Problem());
        Bf16Memory a = new Bf16Memory().reserve(32);
        assertMessage(
                "memory_desc_init",
                () -> Bf16Gemm.local().run(-4, 4, 4, o.a.at(a, 0, 4), o.b.at(a, 16, 4), 0, o.c.at(c, 0, 4)));
    }

    private static void assertMessage(String part, Runnable call) {
        String message = assertThrows(IllegalStateException.class, call::run).getMessage();
        assertTrue(message.startsWith("oneDNN: ") && message.contains(part), message);
    }

    /** The workers of the pool have the cores; threads of a library's own would fight them for these. */
    @Test
    void productsStartNoThreadsOfTheirOwn() throws InterruptedException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "threads are counted on Linux only");
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one processor has one thread anyway");
        assumeTrue(OneDnn.status().problem() == null, OneDnn.status().problem());
        OneDnn.oneThreadHere(); // loads OpenBLAS too, which starts its own at once
        int n = 256;
        FloatMemory floats = FloatMemory.allocate(3L * n * n);
        floats.put(0, new float[2 * n * n], 2 * n * n);
        assertEquals(1, threadsAfter("psft-f32", () -> {
            Operands o = Operands.local();
            o.a.at(floats, 0, n);
            o.b.transposed(floats, n * n, n);
            new OneDnnGemm().run(n, n, n, 1, o.a, o.b, 0, o.c.at(floats, 2 * n * n, n));
        }));
        assumeTrue(OneDnn.status().bf16Problem() == null, OneDnn.status().bf16Problem());
        Bf16Memory rounded = new Bf16Memory().reserve(2 * n * n);
        assertEquals(1, threadsAfter("psft-bf16", () -> {
            Bf16Gemm gemm = Bf16Gemm.local();
            gemm.convert(floats, 0, rounded, 0, 2 * n * n);
            Operands o = Operands.local();
            o.a.at(rounded, 0, n);
            o.b.transposed(rounded, n * n, n);
            gemm.run(n, n, n, o.a, o.b, 0, o.c.at(floats, 2 * n * n, n));
        }));
    }

    /**
     * Threads of this name once a new one has done the work: one that the system starts inherits the name of its maker.
     */
    private static int threadsAfter(String prefix, Runnable work) throws InterruptedException {
        String name = prefix + System.nanoTime() % 1_000_000; // of at most 15 characters
        AtomicReference<List<Path>> found = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    work.run();
                    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
                        found.set(
                                tasks.filter(task -> name.equals(nameOf(task))).toList());
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                name);
        thread.start();
        thread.join();
        return found.get().size();
    }

    private static String nameOf(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (NoSuchFileException e) {
            return ""; // it has ended
        } catch (IOException e) {
            return "";
        }
    }
}
