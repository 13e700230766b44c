package io.github.psft4j.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.PythonNumbers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the inputs of Java programs into plain values: null, Boolean, numbers, text, lists and maps. Anything else, an
 * image for instance, becomes a placeholder with the name of its class, as in transformers. Templates can ask whether
 * it is there, and cannot call it.
 */
final class Inputs {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Inputs() {}

    static Object plain(Object value) {
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof Double) {
            return value;
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof CharSequence || value instanceof Character || value instanceof Enum) {
            return value.toString();
        }
        if (value instanceof JsonNode node) {
            return plain(JSON.convertValue(node, Object.class));
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> dict = new LinkedHashMap<>();
            map.forEach((key, item) -> Dicts.put(dict, plain(key), plain(item)));
            return dict;
        }
        if (value instanceof Iterable<?> items) {
            List<Object> list = new ArrayList<>();
            items.forEach(item -> list.add(plain(item)));
            return list;
        }
        if (value instanceof Object[] items) {
            return plain(Arrays.asList(items));
        }
        return "<" + value.getClass().getSimpleName() + ">";
    }

    private static Object number(Number number) {
        if (number instanceof BigInteger big) {
            return PythonNumbers.integer(big);
        }
        boolean real = number instanceof Float || number instanceof BigDecimal;
        return real ? (Object) number.doubleValue() : (Object) number.longValue();
    }
}
