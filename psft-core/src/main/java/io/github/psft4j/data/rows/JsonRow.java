package io.github.psft4j.data.rows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Parses one line of JSONL, strictly: UTF-8, one object, no key twice, nothing behind it. Not thread-safe.
 *
 * <p>{@code NaN} and {@code Infinity} are numbers, as Python writes them; a field that needs a number refuses them.
 */
public final class JsonRow {

    /** Deep enough for JSON schemas of tools. */
    private static final int MAX_DEPTH = 100;

    /** A tree of so many values takes some 200 MB of heap; a row of a million ids has a third of it. */
    static final long MAX_TOKENS = 3_000_000;

    private static final ObjectMapper JSON = new ObjectMapper(factory(MAX_TOKENS, Integer.MAX_VALUE))
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path file;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private CharBuffer chars = CharBuffer.allocate(1 << 16);

    /** A strict parser of text that strangers wrote. */
    static JsonFactory factory(long maxTokens, int maxText) {
        return JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxTokenCount(maxTokens)
                        .maxStringLength(maxText)
                        .build())
                .build();
    }

    JsonRow(Path file) {
        this.file = file;
    }

    /**
     * A JSON value that a row of another format holds as text, as strictly as a line.
     *
     * @throws JsonProcessingException if the text is not one JSON value
     */
    public static JsonNode value(String text) throws JsonProcessingException {
        JsonNode value = JSON.readTree(text);
        if (value.isMissingNode()) {
            throw new JsonParseException(null, "an empty text");
        }
        return value;
    }

    /** The object, or a fault; {@code line} counts from 1. */
    RowSource.Result parse(byte[] bytes, int length, long line) {
        try {
            decode(bytes, length, line);
            JsonNode node = JSON.readTree(JSON.getFactory().createParser(chars.array(), 0, chars.limit()));
            if (!(node instanceof ObjectNode row)) {
                throw new DataFormatException(at(line) + "a JSON " + kind(node) + " instead of an object: "
                        + start() + "; every line is one object like {\"prompt\": \"...\", \"completion\": \"...\"}"
                        + (node.isArray() ? "; jq -c '.[]' FILE turns an array into lines" : ""));
            }
            return new RowSource.Result(new RawRow(file, line, row), null);
        } catch (DataFormatException e) {
            return fault(line, e);
        } catch (JsonProcessingException e) {
            return fault(
                    line,
                    new DataFormatException(
                            at(line) + "not valid JSON" + where(e) + ": " + reason(e) + "; the line: " + start()
                                    + "; correct the line or leave bad rows out, counted (data.bad_rows: drop)",
                            e));
        } catch (IOException e) {
            throw new IllegalStateException("an array of characters cannot fail to be read", e);
        }
    }

    /** A line that cannot be a row. */
    RowSource.Result fault(long line, DataFormatException fault) {
        return new RowSource.Result(new RawRow(file, line, JSON.createObjectNode()), fault);
    }

    String at(long line) {
        return file + ":" + line + ": ";
    }

    private void decode(byte[] bytes, int length, long line) {
        if (chars.capacity() < length) {
            chars = CharBuffer.allocate(Math.max(length, chars.capacity() * 2));
        }
        chars.clear();
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
        CoderResult result = utf8.reset().decode(in, chars, true);
        chars.flip();
        if (result.isError()) {
            int at = in.position();
            throw new DataFormatException(at(line) + "not UTF-8 at byte " + (at + 1) + " of the line (0x"
                    + String.format("%02x", bytes[at]) + "), behind '" + tail() + "'; "
                    + (bytes[0] == (byte) 0xff || bytes[0] == (byte) 0xfe
                            ? "this looks like UTF-16: iconv -f UTF-16 -t UTF-8"
                            : "convert the file, for instance: iconv -f WINDOWS-1252 -t UTF-8"));
        }
    }

    private String tail() {
        int from = Math.max(0, chars.limit() - 20);
        return Shown.brief(new String(chars.array(), from, chars.limit() - from));
    }

    private String start() {
        return Shown.brief(new String(chars.array(), 0, chars.limit()));
    }

    static String kind(JsonNode node) {
        return node == null || node.isMissingNode()
                ? "nothing"
                : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " at column " + e.getLocation().getColumnNr();
    }

    static String reason(JsonProcessingException e) {
        String message = JsonFault.reason(e).lines().findFirst().orElse("");
        if (message.startsWith("Trailing token")) {
            return "a second value follows the first; a line is one object";
        }
        return message.length() > 200 ? message.substring(0, 200) + "..." : message;
    }
}
