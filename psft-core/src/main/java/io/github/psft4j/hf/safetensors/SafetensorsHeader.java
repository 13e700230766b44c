package io.github.psft4j.hf.safetensors;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.JsonFault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The JSON header of a safetensors file: parsed by streaming, every rule of the format checked.
 *
 * <p>Refused is anything but one JSON object in UTF-8. So are duplicate keys, fields the format does not have, unknown
 * types, and sizes that overflow. Offsets must be {@code product(shape) * width} apart. Together the tensors must cover
 * the data section from its first to its last byte without overlap or hole.
 *
 * <p>Empty tensors (a dimension of 0) occupy no byte. They are accepted at any boundary between tensors. That includes
 * the offset where another one starts, because the reference writer puts them there. Inside another tensor they are an
 * overlap and refused.
 *
 * @param tensors in the order of the header
 * @param metadata free-form text pairs, in the order of the header
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    /** Header bytes that the reference implementation accepts. */
    static final int MAX_BYTES = 100_000_000;

    private static final String METADATA = "__metadata__";

    /** Hash-collision safe settings: names are neither interned nor put into a shared symbol table. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(3).build())
            .build();

    /**
     * @param file named in messages
     * @param bytes the header without its length
     * @param dataLength length of the data section in bytes
     * @throws ModelFormatException if a rule is broken
     */
    static SafetensorsHeader parse(Path file, byte[] bytes, long dataLength) {
        SafetensorsHeader header;
        try (JsonParser json = JSON.createParser(new InputStreamReader(
                new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.newDecoder()))) { // a fresh decoder reports
            header = new Parser(file, json).header();
        } catch (CharacterCodingException e) {
            throw ModelFormatException.of(file, "header is not valid UTF-8" + Parser.WAY_OUT, e);
        } catch (JsonProcessingException e) {
            throw ModelFormatException.of(
                    file, "header is not the JSON of safetensors: " + JsonFault.reason(e) + Parser.WAY_OUT, e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
        checkCoverage(file, header.tensors.values(), dataLength);
        return header;
    }

    private static void checkCoverage(Path file, Collection<TensorInfo> tensors, long dataLength) {
        List<TensorInfo> sorted = new ArrayList<>(tensors);
        sorted.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long covered = 0;
        for (TensorInfo tensor : sorted) {
            if (tensor.begin() != covered) {
                throw ModelFormatException.of(
                        file,
                        "tensor '" + tensor.name() + "' begins at byte " + tensor.begin() + " of the data, but the one"
                                + " before it ends at " + covered
                                + (tensor.begin() < covered ? " (overlap)" : " (hole)") + Parser.WAY_OUT);
            }
            covered = tensor.end();
        }
        if (covered != dataLength) {
            throw ModelFormatException.of(
                    file,
                    "the tensors take " + covered + " bytes, but the file has " + dataLength + " bytes of data"
                            + (covered > dataLength ? " (truncated file?)" : "") + Parser.WAY_OUT);
        }
    }

    /** @return the length (8 bytes) and the JSON, padded with spaces so that the data starts at a multiple of 8 */
    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[8]);
        try (JsonGenerator json = JSON.createGenerator(out, JsonEncoding.UTF8)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(METADATA);
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            for (TensorInfo tensor : tensors.values()) {
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.dtype().name());
                writeArray(json, "shape", tensor.shape());
                writeArray(json, "data_offsets", tensor.begin(), tensor.end());
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (out.size() % 8 != 0) {
            out.write(' ');
        }
        byte[] bytes = out.toByteArray();
        int length = bytes.length - 8;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "header of " + length + " bytes; safetensors allows " + MAX_BYTES + ": shorten the metadata");
        }
        for (int i = 0; i < 4; i++) {
            bytes[i] = (byte) (length >> 8 * i);
        }
        return bytes;
    }

    private static void writeArray(JsonGenerator json, String field, long... values) throws IOException {
        json.writeArrayFieldStart(field);
        for (long value : values) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }

    /** Recursive descent over the tokens of one header. */
    private record Parser(Path file, JsonParser json) {
        static final String WAY_OUT = "; the file is damaged or not safetensors: fetch or export it again";

        SafetensorsHeader header() throws IOException {
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            Map<String, String> metadata = new LinkedHashMap<>();
            expect(json.nextToken(), JsonToken.START_OBJECT, "header");
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                if (name.equals(METADATA)) {
                    readMetadata(metadata);
                } else {
                    tensors.put(name, tensor(name));
                }
            }
            if (json.nextToken() != null) {
                throw bad("header has " + json.currentToken() + " after its closing brace");
            }
            return new SafetensorsHeader(Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
        }

        private void readMetadata(Map<String, String> metadata) throws IOException {
            expect(json.nextToken(), JsonToken.START_OBJECT, METADATA);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                expect(json.nextToken(), JsonToken.VALUE_STRING, METADATA + "." + key);
                metadata.put(key, json.getText());
            }
        }

        private TensorInfo tensor(String name) throws IOException {
            String where = "tensor '" + name + "'";
            DType dtype = null;
            long[] shape = null;
            long[] offsets = null;
            expect(json.nextToken(), JsonToken.START_OBJECT, where);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "dtype" -> dtype = dtype(where);
                    case "shape" -> shape = sizes(where + ", shape");
                    case "data_offsets" -> offsets = sizes(where + ", data_offsets");
                    default -> throw bad(where + " has the field '" + field + "', which safetensors does not define");
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw bad(where + " lacks " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            if (offsets.length != 2 || offsets[0] > offsets[1]) {
                throw bad(where + ", data_offsets: " + Arrays.toString(offsets) + " is not [begin, end]");
            }
            if (offsets[1] - offsets[0] != byteLength(where, dtype, shape)) {
                throw bad(where + ": data_offsets " + Arrays.toString(offsets) + " are " + (offsets[1] - offsets[0])
                        + " bytes apart, but " + dtype + Arrays.toString(shape) + " takes "
                        + byteLength(where, dtype, shape));
            }
            return new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
        }

        private DType dtype(String where) throws IOException {
            expect(json.currentToken(), JsonToken.VALUE_STRING, where + ", dtype");
            String name = json.getText();
            return DType.of(name)
                    .orElseThrow(() -> ModelFormatException.of(
                            file,
                            where + ", dtype: '" + name + "' is not one of " + Arrays.toString(DType.values())
                                    + "; convert the tensor in Python, e.g. tensor.to(torch.bfloat16)"));
        }

        private long[] sizes(String where) throws IOException {
            expect(json.currentToken(), JsonToken.START_ARRAY, where);
            LongStream.Builder sizes = LongStream.builder();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                        || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        || json.getLongValue() < 0) {
                    throw bad(where + ": " + json.getText() + " is not an integer from 0 to 2^63-1");
                }
                sizes.add(json.getLongValue());
            }
            return sizes.build().toArray();
        }

        private long byteLength(String where, DType dtype, long[] shape) {
            try {
                long length = dtype.bytes();
                for (long size : shape) {
                    length = Math.multiplyExact(length, size);
                }
                return length;
            } catch (ArithmeticException e) {
                throw ModelFormatException.of(
                        file, where + ", shape: " + Arrays.toString(shape) + " overflows 64 bits" + WAY_OUT, e);
            }
        }

        private void expect(JsonToken actual, JsonToken wanted, String where) {
            if (actual != wanted) {
                throw bad(where + ": found " + actual + " where safetensors has " + wanted);
            }
        }

        private ModelFormatException bad(String problem) {
            return ModelFormatException.of(file, problem + WAY_OUT);
        }
    }
}
