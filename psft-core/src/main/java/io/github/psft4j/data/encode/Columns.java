package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.options.DataOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Columns of the data: how other tools spell a field, and which of them are read. Thread-safe. */
public final class Columns {

    /** Other names of a field, read where the row has no column of the field's own name. */
    private static final Map<String, List<String>> ALIASES = Map.of(
            "messages", List.of("conversations", "conversation"),
            "system", List.of("system_prompt"),
            "loss_mask", List.of("completion_mask", "assistant_masks"));

    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> read = ConcurrentHashMap.newKeySet();

    /** The column of a field in a row: as mapped, of the field's own name, or of another tool's name for it. */
    static String of(String field, ObjectNode row, DataOptions options) {
        String column = options.column(field);
        if (options.columns().containsKey(field) || row.has(column)) {
            return column;
        }
        return ALIASES.getOrDefault(field, List.of()).stream()
                .filter(row::has)
                .findFirst()
                .orElse(column);
    }

    /** Notes the columns of a row that hold anything. */
    public void see(ObjectNode row) {
        row.fields().forEachRemaining(entry -> {
            if (!isEmpty(entry.getValue()) && !seen.contains(entry.getKey())) {
                seen.add(entry.getKey());
            }
        });
    }

    void read(String column) {
        if (!read.contains(column)) {
            read.add(column);
        }
    }

    /** Columns that hold something, as a copy. */
    public Set<String> seen() {
        return Set.copyOf(seen);
    }

    /** Columns that were read, as a copy. */
    public Set<String> read() {
        return Set.copyOf(read);
    }

    /** Adds what was seen and read elsewhere. */
    public void add(Set<String> seenThere, Set<String> readThere) {
        seen.addAll(seenThere);
        read.addAll(readThere);
    }

    /** Columns that hold something and that nothing read, by name. */
    public Collection<String> unread() {
        Set<String> unread = new TreeSet<>(seen);
        unread.removeAll(read);
        return unread;
    }

    /** The setting that maps fields to columns, as a user types it: field, column, field, column ... */
    public static String typed(String... pairs) {
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            entries.add(pairs[i] + ": " + pairs[i + 1]);
        }
        return "--set \"data.columns={" + String.join(", ", entries) + "}\"";
    }

    /** Null, an empty text, list or object. */
    static boolean isEmpty(JsonNode value) {
        return value == null
                || value.isNull()
                || value.isTextual() && value.textValue().isEmpty()
                || value.isContainerNode() && value.isEmpty();
    }
}
