package io.github.psft4j.hf.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.hf.ForeignFiles;
import io.github.psft4j.hf.ModelFile;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.Shown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights of a model directory: {@code model.safetensors}, or shards with {@code model.safetensors.index.json}. A
 * directory that has both is read from the single file, as transformers does.
 *
 * <p>The index is checked against the shards when it is opened. Every tensor must be in the shard that the index names,
 * and no shard may hold a tensor that the index does not list. A shard must be a plain file name inside the directory.
 */
public final class ModelWeights implements AutoCloseable {

    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*\\.safetensors");

    private final Path source;
    private final Map<String, SafetensorsReader> readers = new LinkedHashMap<>(); // by shard
    private final Map<String, String> shardOf = new LinkedHashMap<>(); // by tensor

    private ModelWeights(Path source) {
        this.source = source;
    }

    /**
     * Opens the weights of a directory.
     *
     * @throws ModelFormatException if there are none, or a file or the index breaks a rule
     */
    public static ModelWeights open(Path dir) {
        if (!exist(dir)) {
            throw new ModelFormatException(ForeignFiles.noWeights(dir));
        }
        boolean sharded = !Files.exists(dir.resolve(SINGLE)) && Files.exists(dir.resolve(INDEX));
        ModelWeights weights = new ModelWeights(dir.resolve(sharded ? INDEX : SINGLE));
        try {
            if (sharded) {
                weights.openShards(dir);
            } else {
                SafetensorsReader reader = SafetensorsReader.open(weights.source);
                weights.readers.put(SINGLE, reader);
                reader.names().forEach(name -> weights.shardOf.put(name, SINGLE));
            }
            return weights;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /** Whether a directory has weights in safetensors format. */
    public static boolean exist(Path dir) {
        return Files.exists(dir.resolve(SINGLE)) || Files.exists(dir.resolve(INDEX));
    }

    private void openShards(Path dir) {
        JsonNode map =
                ModelFile.json(source, ModelFile.bytes(source, ModelFile.INDEX)).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw ModelFormatException.of(source, "weight_map must be an object from tensor to file name");
        }
        map.fields().forEachRemaining(entry -> shardOf.put(entry.getKey(), shardName(entry)));
        for (String shard : new TreeSet<>(shardOf.values())) {
            readers.put(shard, SafetensorsReader.open(dir.resolve(shard)));
        }
        shardOf.forEach((tensor, shard) -> {
            if (!readers.get(shard).names().contains(tensor)) {
                throw ModelFormatException.of(
                        source, "tensor '" + tensor + "' is not in " + shard + ", where the index has it");
            }
        });
        readers.forEach((shard, reader) -> reader.names().forEach(tensor -> {
            if (!shard.equals(shardOf.get(tensor))) {
                throw ModelFormatException.of(
                        source, "does not list tensor '" + tensor + "', which " + shard + " holds");
            }
        }));
    }

    private String shardName(Map.Entry<String, JsonNode> entry) {
        String shard = entry.getValue().asText();
        if (!entry.getValue().isTextual() || !SHARD_NAME.matcher(shard).matches()) {
            throw ModelFormatException.of(
                    source,
                    "tensor '" + Shown.wide(entry.getKey()) + "' is mapped to " + Shown.wide(entry.getValue())
                            + "; a shard must be a plain name of a .safetensors file next to the index");
        }
        return shard;
    }

    /** The file that was opened: the single one or the index. */
    public Path source() {
        return source;
    }

    /** Names of all tensors. */
    public Set<String> names() {
        return shardOf.keySet();
    }

    /** Elements of all tensors. */
    public long elements() {
        return readers.values().stream()
                .flatMap(reader -> reader.names().stream().map(reader::info))
                .mapToLong(TensorInfo::elements)
                .sum();
    }

    /** Whether two floating-point tensors have the same shape and the same values. */
    public boolean equal(String one, String other) {
        SafetensorsReader of = readers.get(shardOf.get(one));
        SafetensorsReader and = readers.get(shardOf.get(other));
        long elements = of.info(one).elements();
        if (!Arrays.equals(of.info(one).shape(), and.info(other).shape())) {
            return false;
        }
        double[] a = new double[TensorMemory.CHUNK];
        double[] b = new double[TensorMemory.CHUNK];
        for (long start = 0; start < elements; start += a.length) {
            int n = (int) Math.min(a.length, elements - start);
            of.read(one, start, a, n);
            and.read(other, start, b, n);
            if (!Arrays.equals(a, 0, n, b, 0, n)) {
                return false;
            }
        }
        return true;
    }

    /** The floating type that most elements have, F32 if there are none. */
    public DType type() {
        Map<DType, Long> elements = new EnumMap<>(DType.class);
        readers.values().stream()
                .flatMap(reader -> reader.names().stream().map(reader::info))
                .filter(info -> info.dtype().isFloating())
                .forEach(info -> elements.merge(info.dtype(), info.elements(), Long::sum));
        return elements.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(DType.F32);
    }

    /** Whether every matrix is of this type; vectors may be of others. */
    public boolean matricesAre(DType type) {
        return readers.values().stream()
                .flatMap(reader -> reader.names().stream().map(reader::info))
                .filter(info -> info.shape().length > 1)
                .allMatch(info -> info.dtype() == type);
    }

    /** See {@link SafetensorsReader#readInto}. */
    public void readInto(String name, INDArray target) {
        String shard = shardOf.get(name);
        if (shard == null) {
            throw ModelFormatException.of(
                    source,
                    "no tensor '" + name + "' among its " + shardOf.size()
                            + "; are config.json and the weights from the same model?");
        }
        readers.get(shard).readInto(name, target);
    }

    @Override
    public void close() {
        readers.values().forEach(SafetensorsReader::close);
    }
}
