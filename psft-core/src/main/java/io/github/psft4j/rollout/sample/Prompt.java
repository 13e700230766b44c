package io.github.psft4j.rollout.sample;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a policy is to continue.
 *
 * @param ids its tokens, at least one
 * @param value as the row has it, for rewards: a text, or an array of messages
 * @param columns the other columns of the row, such as {@code answer}, which rewards read
 */
public record Prompt(int[] ids, JsonNode value, Map<String, JsonNode> columns) {

    /** @throws IllegalArgumentException if there is no token */
    public Prompt {
        Objects.requireNonNull(value, "value");
        if (ids.length == 0) {
            throw new IllegalArgumentException("a prompt needs at least one token");
        }
        ids = ids.clone();
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }
}
