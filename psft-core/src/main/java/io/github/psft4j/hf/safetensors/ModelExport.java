package io.github.psft4j.hf.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes weights the way {@link ModelWeights} reads them: one file if they fit, else shards with an index, tensors in
 * the order of the model. Weight files of an earlier save into the same directory are removed last, unless this save
 * replaced them. Otherwise a reader would prefer a left-over single file to new shards. What a killed save left behind
 * is removed as well.
 */
public final class ModelExport {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern WEIGHT_FILE =
            Pattern.compile("model(-\\d{5}-of-\\d{5})?\\.safetensors|model\\.safetensors\\.index\\.json");

    private ModelExport() {}

    /** @param maxShardBytes largest shard; a tensor that is larger gets a shard of its own */
    public static void write(Path dir, Map<String, INDArray> tensors, DType dtype, long maxShardBytes) {
        List<Map<String, INDArray>> shards = cut(tensors, dtype, maxShardBytes);
        Set<String> written = new TreeSet<>();
        if (shards.size() == 1) {
            written.add(ModelWeights.SINGLE);
            SafetensorsWriter.write(dir.resolve(ModelWeights.SINGLE), tensors, dtype, Map.of("format", "pt"));
        } else {
            Map<String, String> weightMap = new TreeMap<>();
            long total = 0;
            for (int i = 0; i < shards.size(); i++) {
                String name = Shown.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
                SafetensorsWriter.write(dir.resolve(name), shards.get(i), dtype, Map.of("format", "pt"));
                written.add(name);
                for (Map.Entry<String, INDArray> e : shards.get(i).entrySet()) {
                    weightMap.put(e.getKey(), name);
                    total += e.getValue().length() * dtype.bytes();
                }
            }
            written.add(ModelWeights.INDEX);
            AtomicFile.write(
                    dir.resolve(ModelWeights.INDEX), index(weightMap, total).getBytes(StandardCharsets.UTF_8));
        }
        removeOthers(dir, written);
    }

    private static List<Map<String, INDArray>> cut(Map<String, INDArray> tensors, DType dtype, long maxShardBytes) {
        List<Map<String, INDArray>> shards = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, INDArray> e : tensors.entrySet()) {
            long size = e.getValue().length() * dtype.bytes();
            if (shards.isEmpty() || bytes + size > maxShardBytes) {
                shards.add(new LinkedHashMap<>());
                bytes = 0;
            }
            shards.get(shards.size() - 1).put(e.getKey(), e.getValue());
            bytes += size;
        }
        return shards;
    }

    private static String index(Map<String, String> weightMap, long totalSize) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("metadata").put("total_size", totalSize);
        ObjectNode map = root.putObject("weight_map");
        weightMap.forEach(map::put);
        return root.toPrettyString() + "\n";
    }

    private static void removeOthers(Path dir, Set<String> written) {
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                boolean earlier = WEIGHT_FILE.matcher(name).matches() && !written.contains(name);
                if (earlier || AtomicFile.isTemporary(file)) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the new weights are in " + dir + ", but old weight files next to them could"
                            + " not be removed and may be read instead",
                    e);
        }
    }
}
