package io.github.psft4j.serve.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.NearestName;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The fields of a request. A value of a wrong type or range is refused by its name, as is a field that nothing reads.
 */
final class RequestBody {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)
            .build();

    private final ObjectNode fields;
    private final Set<String> read = new LinkedHashSet<>();

    private RequestBody(ObjectNode fields) {
        this.fields = fields;
    }

    static RequestBody parse(byte[] body) {
        JsonNode node;
        try {
            node = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation(); // null where a limit of the parser is broken
            String place = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
            throw ApiException.badBody("the body is not JSON: " + Shown.oneLine(JsonFault.reason(e)) + place);
        } catch (IOException e) {
            throw ApiException.badBody("the body is not JSON: " + Shown.oneLine(String.valueOf(e.getMessage())));
        }
        if (!(node instanceof ObjectNode fields)) {
            throw ApiException.badBody("the body must be a JSON object, was "
                    + (node.isMissingNode() ? "empty" : Shown.brief(node.toString())));
        }
        return new RequestBody(fields);
    }

    /** The value of a field; null if it is missing or null. */
    JsonNode get(String name) {
        read.add(name);
        JsonNode value = fields.get(name);
        return value == null || value.isNull() ? null : value;
    }

    boolean flag(String name, boolean ifMissing) {
        JsonNode value = get(name);
        if (value == null) {
            return ifMissing;
        }
        require(value.isBoolean(), name, "true or false", value);
        return value.booleanValue();
    }

    /** A whole number; null if it is missing. */
    Integer integer(String name, int least, int most) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        String range = "a whole number from " + least + (most == Integer.MAX_VALUE ? "" : " to " + most);
        require(value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= least, name, range, value);
        require(value.intValue() <= most, name, range, value);
        return value.intValue();
    }

    /** A whole number of 64 bits; null if it is missing. */
    Long longInteger(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        require(value.isIntegralNumber() && value.canConvertToLong(), name, "a whole number of 64 bits", value);
        return value.longValue();
    }

    /** A finite number. */
    double number(String name, double ifMissing) {
        JsonNode value = get(name);
        if (value == null) {
            return ifMissing;
        }
        require(value.isNumber() && Double.isFinite(value.doubleValue()), name, "a finite number", value);
        return value.doubleValue();
    }

    String text(String name) {
        JsonNode value = get(name);
        if (value == null) {
            return null;
        }
        require(value.isTextual(), name, "a string", value);
        return value.textValue();
    }

    /** Refuses a feature that is not there, unless the field is missing or says what is done anyway. */
    void refuse(String name, String why, JsonNode... neutral) {
        JsonNode value = get(name);
        if (value == null) {
            return;
        }
        for (JsonNode same : neutral) {
            if (value.equals(same)
                    || value.isNumber() && same.isNumber() && value.doubleValue() == same.doubleValue()) {
                return;
            }
        }
        throw ApiException.badField(name, name + " is not supported: " + why);
    }

    /** Reads fields that are valid and change nothing. */
    void ignore(String... names) {
        for (String name : names) {
            get(name);
        }
    }

    /** Refuses fields that nothing has read. */
    void refuseOthers() {
        fields.fieldNames().forEachRemaining(name -> {
            if (!read.contains(name)) {
                throw ApiException.badField(
                        name, "unrecognized field " + Shown.brief(name) + NearestName.hint(name, read));
            }
        });
    }

    static void require(boolean ok, String name, String rule, JsonNode value) {
        if (!ok) {
            throw ApiException.badField(name, name + " must be " + rule + ", was " + Shown.brief(value.toString()));
        }
    }
}
