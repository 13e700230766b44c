package io.github.psft4j.cli.train;

import io.github.psft4j.cli.console.Versions;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Machine, versions, threads and kernels of a run. Two runs repeat each other bit for bit only if all of this is the
 * same.
 */
final class RunEnvironment {

    private RunEnvironment() {}

    static Map<String, Object> values(RunConfig config) {
        Map<String, Object> out = new LinkedHashMap<>(Versions.all());
        out.put("processors", Runtime.getRuntime().availableProcessors());
        out.put("threads", WorkerPool.shared().workers());
        out.put("nd4j_backend", Nd4j.getBackend().getClass().getSimpleName());
        out.put(
                "kernels",
                TensorOpsFactory.forType(ModelFiles.type(config.get(Model.class).dtype()))
                        .name());
        out.put("max_heap_bytes", Runtime.getRuntime().maxMemory());
        return out;
    }
}
