package io.github.psft4j.data.rows;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Rows of a JSON file that is no JSON Lines: the elements of an array, or objects over several lines. One row is in
 * memory at a time. An array of messages is one row, a conversation. Rows are numbered from 1.
 */
final class JsonStreamSource implements RowSource {
    private static final ObjectMapper JSON = new ObjectMapper(JsonRow.factory(Long.MAX_VALUE, JsonlSource.MAX_LINE));
    private static final ObjectReader ROWS = JSON.readerFor(JsonNode.class);

    private final Path file;
    private final Bounded parser;
    private boolean inArray;
    private long number;

    JsonStreamSource(Path file, InputStream in) throws IOException {
        this.file = file;
        this.parser = new Bounded(JSON.getFactory().createParser(Unpacked.text(in, file)));
    }

    /**
     * Whether a file that begins so is read here: with an array, or with an object that its first line does not end.
     */
    static boolean fits(byte[] head) {
        String text =
                new String(head, StandardCharsets.UTF_8).replace("\ufeff", "").stripLeading();
        if (text.startsWith("[")) {
            return true;
        }
        int end = text.indexOf('\n');
        String line = end < 0 ? "" : text.substring(0, end).strip();
        return line.startsWith("{") && (line.endsWith("{") || line.endsWith("[") || line.endsWith(","));
    }

    @Override
    public Result next() throws IOException {
        try {
            return row();
        } catch (JsonProcessingException e) {
            throw new DataFormatException(
                    place(e.getLocation()) + Shown.wide(JsonRow.reason(e))
                            + "; what follows cannot be read either: correct the file, or write one object per line",
                    e);
        } catch (CharacterCodingException e) {
            throw new DataFormatException(
                    file + ": not UTF-8 behind row " + number
                            + "; convert the file, for instance: iconv -f WINDOWS-1252 -t UTF-8",
                    e);
        }
    }

    /** Jackson names no place for some of its limits. */
    private String place(JsonLocation at) {
        return at == null
                ? file + ":" + number + ": not valid JSON: "
                : file + ":" + at.getLineNr() + ": not valid JSON at column " + at.getColumnNr() + ": ";
    }

    private Result row() throws IOException {
        while (true) {
            number++;
            parser.start();
            JsonToken token = parser.nextToken();
            if (token == null) {
                return null;
            }
            if (token == JsonToken.START_ARRAY && !inArray) {
                inArray = true;
                number--;
            } else if (token == JsonToken.END_ARRAY && inArray) {
                inArray = false;
                number--;
            } else {
                return result(ROWS.readValue(parser));
            }
        }
    }

    private Result result(JsonNode node) throws IOException {
        JsonNode row = node;
        if (inArray && isMessage(node)) {
            row = conversation(node);
        } else if (node.isArray() && !node.isEmpty() && isMessage(node.get(0))) {
            row = JSON.createObjectNode().set("messages", node);
        }
        if (row instanceof ObjectNode fields) {
            return new Result(new RawRow(file, number, fields), null);
        }
        return new Result(
                new RawRow(file, number, JSON.createObjectNode()),
                new DataFormatException(file + ":" + number + ": a JSON " + JsonRow.kind(node)
                        + " instead of an object: " + Shown.brief(node.toString())
                        + "; a file is a list of objects like {\"prompt\": \"...\", \"completion\": \"...\"}"));
    }

    /** The array that has begun is one conversation: its other elements belong to it. */
    private ObjectNode conversation(JsonNode first) throws IOException {
        ArrayNode messages = JSON.createArrayNode().add(first);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            messages.add(ROWS.<JsonNode>readValue(parser));
        }
        inArray = false;
        ObjectNode row = JSON.createObjectNode();
        row.set("messages", messages);
        return row;
    }

    private static boolean isMessage(JsonNode node) {
        return node.has("role") && node.has("content") || node.has("from") && node.has("value");
    }

    @Override
    public long bytes() {
        return Math.max(0, parser.currentLocation().getCharOffset());
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    /** Ends the reading at a row that would fill the memory. */
    private final class Bounded extends JsonParserDelegate {
        private long from;
        private long tokens;

        Bounded(JsonParser parser) {
            super(parser);
        }

        void start() {
            from = delegate.currentLocation().getCharOffset();
            tokens = 0;
        }

        @Override
        public JsonToken nextToken() throws IOException {
            if (++tokens > JsonRow.MAX_TOKENS
                    || delegate.currentLocation().getCharOffset() - from > JsonlSource.MAX_LINE) {
                throw new DataFormatException(file + ":" + number + ": a row of more than "
                        + (JsonlSource.MAX_LINE >> 20) + " MiB or " + JsonRow.MAX_TOKENS
                        + " values; a row is one demonstration");
            }
            return delegate.nextToken();
        }
    }
}
