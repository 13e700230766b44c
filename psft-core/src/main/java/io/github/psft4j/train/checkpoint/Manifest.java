package io.github.psft4j.train.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * {@code manifest.json}, written last: a directory without it is no checkpoint, and one whose files differ from it is a
 * broken one. Its last field, {@code sha256}, is the SHA-256 of the file up to the comma before that field.
 *
 * @param format version of the directory layout, {@link #FORMAT}
 * @param step optimizer step after which it was taken
 * @param metric value by which the best checkpoint is chosen, null if none was given
 * @param environment versions, kernels and threads that made it, for people
 * @param files size and SHA-256 of every other file, by name
 */
public record Manifest(int format, int step, Double metric, Map<String, String> environment, Map<String, Entry> files) {

    /** Layout that this version writes. */
    public static final int FORMAT = 3;

    /** Oldest layout that this version reads, that of psft4j 0.1. */
    private static final int OLDEST = 2;

    /** Name of the file. */
    public static final String NAME = "manifest.json";

    /** A manifest lists a dozen files; a larger one is not ours. */
    private static final long MAX_BYTES = 1 << 20;

    private static final String CHECKSUM = "sha256";
    private static final String END = "\n}";
    private static final String SEAL = ",\n  \"" + CHECKSUM + "\" : \"%s\"" + END + "\n"; // with 64 digits
    private static final int SEAL_BYTES = String.format(SEAL, "0".repeat(64)).length();

    /** The same bytes on every system. */
    private static final PrettyPrinter LINES =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /**
     * One file.
     *
     * @param bytes its size
     * @param sha256 its digest, 64 hexadecimal digits
     */
    public record Entry(long bytes, String sha256) {}

    /** Manifest of all files that lie in the directory now. */
    static Manifest of(Path dir, int step, Double metric, Map<String, String> environment) throws IOException {
        Map<String, Entry> files = new TreeMap<>();
        for (String name : names(dir)) {
            files.put(name, entry(dir.resolve(name)));
        }
        return new Manifest(FORMAT, step, metric, new TreeMap<>(environment), files);
    }

    void write(Path dir) throws JsonProcessingException {
        String text = JSON.writer(LINES).writeValueAsString(this);
        byte[] body = text.substring(0, text.length() - END.length()).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(dir.resolve(NAME), seal(body));
    }

    /** The whole file for the given text, which has all fields but the checksum, up to the comma after them. */
    static byte[] seal(byte[] body) {
        byte[] end = String.format(SEAL, Sha256.of(body)).getBytes(StandardCharsets.UTF_8);
        byte[] file = Arrays.copyOf(body, body.length + end.length);
        System.arraycopy(end, 0, file, body.length, end.length);
        return file;
    }

    /**
     * Reads the manifest of a directory without looking at the other files.
     *
     * @throws CheckpointException if there is none, it is damaged or of another format
     */
    public static Manifest read(Path dir) {
        Path file = dir.resolve(NAME);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new CheckpointException(
                    dir + " has no " + NAME + ": it is not a checkpoint, or one whose writing was broken off");
        }
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new CheckpointException(file + " has " + Files.size(file) + " bytes; a manifest is smaller");
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return of(file, bytes);
    }

    /**
     * The manifest that a file holds.
     *
     * @param file its name in messages
     * @throws CheckpointException if it is damaged or of another format
     */
    static Manifest of(Path file, byte[] bytes) {
        try {
            return parse(file, bytes);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + " is damaged: " + JsonFault.reason(e), e);
        } catch (IOException e) { // no character of the encoding that the first bytes look like
            throw new CheckpointException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    private static Manifest parse(Path file, byte[] bytes) throws IOException {
        JsonNode tree = JSON.readTree(bytes);
        int format = tree.path("format").asInt(0);
        if (format < OLDEST || format > FORMAT) {
            throw new OtherFormatException(file + " has format " + format + ", this version reads " + OLDEST + " and "
                    + FORMAT
                    + (format > FORMAT
                            ? "; use the newer psft4j that wrote it"
                            : ", whose manifest has a checksum of its own; go on with the psft4j that wrote it, or"
                                    + " start"
                                    + " a new run from the model in that directory"));
        }
        byte[] body = Arrays.copyOf(bytes, Math.max(0, bytes.length - SEAL_BYTES));
        if (!Arrays.equals(seal(body), bytes)) {
            throw new CheckpointException(file + " is damaged: it has another SHA-256 than its last field says");
        }
        ((ObjectNode) tree).remove(CHECKSUM);
        Manifest manifest = JSON.treeToValue(tree, Manifest.class);
        if (manifest.files == null || manifest.files.containsValue(null)) {
            throw new CheckpointException(file + " is damaged: files is null, or one of them");
        }
        return manifest;
    }

    /**
     * Compares the files of the directory with this manifest, to the last bit.
     *
     * @throws CheckpointException naming the first difference
     */
    public void verify(Path dir) {
        FileCall.run("cannot read the checkpoint " + dir, () -> {
            TreeSet<String> present = names(dir);
            for (Map.Entry<String, Entry> expected : files.entrySet()) {
                Path file = dir.resolve(expected.getKey());
                if (!present.remove(expected.getKey())) {
                    throw new CheckpointException(file + " is missing, but listed in " + NAME);
                }
                long size = Files.size(file);
                if (size != expected.getValue().bytes()) {
                    throw new CheckpointException(file + " has " + size + " bytes, "
                            + expected.getValue().bytes() + " were written: it was cut or changed");
                }
                if (!entry(file).equals(expected.getValue())) {
                    throw new CheckpointException(file + " has another SHA-256 than was written: it was changed");
                }
            }
            if (!present.isEmpty()) {
                throw new CheckpointException(dir + " holds files that are not part of the checkpoint: " + present);
            }
        });
    }

    /** Names of all files but the manifest. */
    private static TreeSet<String> names(Path dir) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    throw new CheckpointException(file + " is not a plain file");
                }
                if (!name.equals(NAME)) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static Entry entry(Path file) throws IOException {
        Sha256 sha = new Sha256();
        long bytes = sha.add(file);
        return new Entry(bytes, sha.hex());
    }
}
