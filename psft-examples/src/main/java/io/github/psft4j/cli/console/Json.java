package io.github.psft4j.cli.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** JSON output for programs. */
public final class Json {

    private Json() {}

    /** The value as JSON on several lines. */
    public static String text(Object value) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, text and numbers always have a JSON form", e);
        }
    }
}
