package io.github.psft4j.spark.wire;

import io.github.psft4j.hf.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The files of a folder on their way to executors, in pieces that fit any heap. Executors pass pieces on to each other,
 * so that the driver sends each about once.
 */
public final class SentFiles implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final int PIECE = 32 << 20;

    /** What files of a model are named; a folder may hold the weights in other formats as well. */
    private static final List<String> KINDS = List.of(".json", ".safetensors", ".jinja", ".txt", ".model");

    private final List<String> names = new ArrayList<>();
    private final List<List<Broadcast<byte[]>>> pieces = new ArrayList<>();

    /** The files of a model that lie in a folder itself. */
    public SentFiles(JavaSparkContext context, Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(SentFiles::belongs).sorted().toList()) {
                List<Broadcast<byte[]>> parts = new ArrayList<>();
                try (InputStream in = Files.newInputStream(file)) {
                    for (byte[] part = in.readNBytes(PIECE); part.length > 0; part = in.readNBytes(PIECE)) {
                        parts.add(context.broadcast(part));
                    }
                }
                names.add(file.getFileName().toString());
                pieces.add(parts);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the model files of " + folder, e);
        }
    }

    /** Those of a tokenizer. */
    public static SentFiles of(JavaSparkContext context, Tokenizer tokenizer) {
        return saved(dir -> {
            tokenizer.save(dir);
            return new SentFiles(context, dir);
        });
    }

    /** Works on a temporary folder of this process and deletes it. */
    public static <T> T saved(Function<Path, T> work) {
        try {
            Path folder = Files.createTempDirectory("psft-send");
            try {
                return work.apply(folder);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the model to send to java.io.tmpdir", e);
        }
    }

    private static boolean belongs(Path file) {
        return Files.isRegularFile(file)
                && KINDS.stream().anyMatch(kind -> file.getFileName().toString().endsWith(kind));
    }

    /** Writes the files to a temporary folder, works on it and deletes it. */
    public <T> T with(Function<Path, T> work) {
        try {
            Path folder = Files.createTempDirectory("psft-model");
            try {
                for (int i = 0; i < names.size(); i++) {
                    write(folder.resolve(names.get(i)), pieces.get(i));
                }
                return work.apply(folder);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot write the model files to the temporary folder " + System.getProperty("java.io.tmpdir")
                            + " of this executor; set java.io.tmpdir to one with room",
                    e);
        }
    }

    private static void write(Path file, List<Broadcast<byte[]>> parts) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            for (Broadcast<byte[]> part : parts) {
                out.write(part.value());
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Frees the pieces everywhere; no replica can be made any more. */
    public void destroy() {
        pieces.forEach(parts -> parts.forEach(Broadcast::destroy));
    }
}
