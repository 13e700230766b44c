package io.github.psft4j.cli.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

/** JSON output for programs. */
public final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** The value as JSON on several lines. */
    public static String text(Object value) {
        return text(value, MAPPER.writerWithDefaultPrettyPrinter());
    }

    /** The value as JSON on one line. */
    public static String line(Object value) {
        return text(value, MAPPER.writer());
    }

    private static String text(Object value, ObjectWriter writer) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, text and numbers always have a JSON form", e);
        }
    }
}
