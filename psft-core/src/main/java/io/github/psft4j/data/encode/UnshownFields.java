package io.github.psft4j.data.encode;

import io.github.psft4j.data.rows.DataFormatException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notes fields of messages that the chat template does not show: without them it gives the same text. A field is tried
 * on the first few rows that have it, because a template may show it in some places only. Thread-safe.
 */
final class UnshownFields {

    /** Rows on which a field is tried. */
    private static final int TRIES = 8;

    /** Role and content, and what other notes are about. */
    private static final Set<String> KNOWN =
            Set.of("role", "content", "tool_calls", "function_call", "tool_call_id", "name");

    private final TextEncoder text;
    private final Map<String, Integer> tries = new ConcurrentHashMap<>(); // of a field; TRIES and more: decided

    UnshownFields(TextEncoder text) {
        this.text = text;
    }

    /** Notes such fields of one conversation, once. */
    void note(
            Fields row, String field, List<Map<String, Object>> messages, Map<String, Object> variables, String whole) {
        Set<String> names = new LinkedHashSet<>();
        messages.forEach(message -> names.addAll(message.keySet()));
        names.removeAll(KNOWN);
        for (String name : names) {
            if (tries.merge(name, 1, Integer::sum) > TRIES) {
                continue;
            }
            if (isShown(row, field, messages, variables, whole, name)) {
                tries.put(name, TRIES);
            } else {
                row.note("the chat template does not show the field '" + name
                        + "' of messages, so the model does not see it; use a template that does"
                        + " (data.chat_template), or take the field out");
            }
        }
    }

    private boolean isShown(
            Fields row,
            String field,
            List<Map<String, Object>> messages,
            Map<String, Object> variables,
            String whole,
            String name) {
        List<Map<String, Object>> without = messages.stream()
                .map(message -> {
                    Map<String, Object> rest = new LinkedHashMap<>(message);
                    rest.remove(name);
                    return rest;
                })
                .toList();
        try {
            return !text.render(row, field, without, variables, false).text().equals(whole);
        } catch (DataFormatException e) {
            return true; // the template needs it
        }
    }
}
