package io.github.psft4j.hf;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Shown;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The small files of a model directory. They are not trusted: no file above a size limit is read. JSON must have no key
 * twice, nothing behind its value, and a depth of at most 1000. The depth is Jackson's limit, as is that of 1000 digits
 * per number.
 */
public final class ModelFile {

    /** Limit of config.json and of the files next to a tokenizer; the largest known has about 2 MB. */
    public static final int SMALL = 16 << 20;

    /** Limit of model.safetensors.index.json: 64 MiB are about half a million tensors. */
    public static final int INDEX = 64 << 20;

    /** Limit of tokenizer.json; the largest known has about 35 MB. */
    public static final int TOKENIZER = 128 << 20;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ModelFile() {}

    /**
     * The bytes of a file.
     *
     * @param most limit
     * @throws ModelFormatException if it is longer, or a pointer of Git LFS
     * @throws UncheckedIOException if it cannot be read
     */
    public static byte[] bytes(Path file, int most) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most);
            ForeignFiles.refusePointer(file, bytes);
            if (bytes.length == most && in.read() >= 0) {
                throw ModelFormatException.of(
                        file,
                        "has more than the " + (most >> 20)
                                + " MiB that are read of such a file; is it another one under this"
                                + " name? fetch it again");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
    }

    /**
     * A file's content as JSON; of an empty one, a missing node.
     *
     * @throws ModelFormatException naming the file if it is none
     */
    public static JsonNode json(Path file, byte[] bytes) {
        return parse(file, () -> JSON.readTree(bytes));
    }

    /** A parser of bytes that were read before. */
    public interface Parser<T> {
        /** The parsed value. */
        T parse() throws IOException;
    }

    /**
     * Parses a file's bytes.
     *
     * @throws ModelFormatException naming the file if they are not JSON
     */
    public static <T> T parse(Path file, Parser<T> parser) {
        try {
            return parser.parse();
        } catch (JsonProcessingException e) {
            throw ModelFormatException.of(
                    file,
                    "not valid JSON (incomplete?): " + Shown.wide(JsonFault.reason(e)) + "; fetch or export it again",
                    e);
        } catch (CharConversionException e) {
            throw ModelFormatException.of(
                    file, "not valid UTF-8: " + Shown.wide(e.getMessage()) + "; fetch or export it again", e);
        } catch (IOException e) {
            throw new IllegalStateException("an array of bytes cannot fail to be read", e);
        }
    }
}
