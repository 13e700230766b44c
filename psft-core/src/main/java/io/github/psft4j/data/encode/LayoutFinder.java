package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Recognises the layout of a row by its columns. What has two readings is asked, not guessed. */
public final class LayoutFinder {

    /** Columns that can be the answer of a pair. */
    private static final List<String> ANSWERS = List.of("""
            completion demonstration output answer response solution generation generated_solution reasoning
            reasoning_content rationale explanation thinking thought thoughts cot chain_of_thought
            """.split("\\s+"));

    /** Columns that can be its prompt. */
    private static final List<String> PROMPTS = List.of("prompt", "instruction", "question", "query", "problem");

    private LayoutFinder() {}

    /**
     * The layout whose columns the row has, or the one of the options.
     *
     * @throws DataFormatException if none or more than one fits, or prompt or answer can be read from two columns
     */
    public static Layout of(RawRow row, DataOptions options) {
        if (options.layout() != null) {
            return options.layout();
        }
        List<Layout> fitting = fitting(row.fields(), options);
        if (fitting.size() != 1) {
            throw new DataFormatException(row.location() + ": the row is "
                    + (fitting.isEmpty() ? "of no known layout" : "of more than one layout, " + fitting)
                    + ": it has the columns " + Shown.few(columns(row.fields()))
                    + (fitting.isEmpty() ? remedy(row.fields(), options) : name(fitting.get(0))));
        }
        Layout layout = fitting.get(0);
        if (layout.isPair()) {
            requireOne(row, options, layout.fields().get(0), PROMPTS);
            requireOne(row, options, layout.fields().get(1), ANSWERS);
        }
        return layout;
    }

    /** The layouts whose columns the row has; if the user mapped fields, those of these fields alone. */
    private static List<Layout> fitting(ObjectNode row, DataOptions options) {
        List<Layout> all = Arrays.stream(Layout.values())
                .filter(layout -> fits(layout, row, options))
                .toList();
        if (all.contains(Layout.PREFERENCE) && !answersChosen(options)) {
            return List.of(Layout.PREFERENCE); // beside the whole conversation of the chosen answer, for instance
        }
        all = all.stream().filter(layout -> layout != Layout.PREFERENCE).toList();
        List<Layout> mapped = all.stream()
                .filter(layout -> layout.fields().stream().anyMatch(options.columns()::containsKey))
                .toList();
        return mapped.isEmpty() ? all : mapped;
    }

    /** Whether the user reads one of the answers of a pair as something else. */
    private static boolean answersChosen(DataOptions options) {
        return options.columns().entrySet().stream()
                .anyMatch(entry -> !entry.getKey().equals(entry.getValue())
                        && Layout.PREFERENCE.fields().contains(entry.getValue()));
    }

    private static boolean fits(Layout layout, ObjectNode row, DataOptions options) {
        if (layout == Layout.TOKENS) {
            return has("input_ids", row, options)
                    && (options.lossOn() == LossOn.ALL
                            || has("loss_mask", row, options)
                            || has("labels", row, options));
        }
        return layout != Layout.UNPAIRED_PREFERENCE
                && layout.fields().stream().allMatch(field -> has(field, row, options));
    }

    private static boolean has(String field, ObjectNode row, DataOptions options) {
        return row.has(Columns.of(field, row, options));
    }

    /** Refuses a row in which another column could be the same side of the pair, unless the column was named. */
    private static void requireOne(RawRow row, DataOptions options, String field, List<String> names) {
        if (options.columns().containsKey(field)) {
            return;
        }
        List<String> rivals = new ArrayList<>();
        row.fields().fields().forEachRemaining(entry -> {
            boolean text = entry.getValue().isTextual() && !Columns.isEmpty(entry.getValue());
            if (text
                    && names.contains(entry.getKey().toLowerCase(Locale.ROOT))
                    && !options.columns().containsValue(entry.getKey())) {
                rivals.add(entry.getKey());
            }
        });
        rivals.remove(field);
        if (!rivals.isEmpty()) {
            throw new DataFormatException(row.location() + ": which column is the " + field + "? the row has " + field
                    + ", " + Shown.few(rivals) + "; say it: " + Columns.typed(field, rivals.get(0)) + ", or "
                    + Columns.typed(field, field));
        }
    }

    private static List<String> columns(ObjectNode row) {
        List<String> columns = new ArrayList<>();
        row.fieldNames().forEachRemaining(columns::add);
        return columns;
    }

    private static String name(Layout layout) {
        String word = layout.name().toLowerCase(Locale.ROOT);
        return "; name the layout, for instance --set data.layout=" + word;
    }

    /**
     * What is wrong with the user's mapping. Without one, the mapping that reads a row, if its columns have the names
     * of a prompt and an answer; otherwise all layouts.
     */
    private static String remedy(ObjectNode row, DataOptions options) {
        for (Map.Entry<String, String> mapped : new TreeMap<>(options.columns()).entrySet()) {
            if (!row.has(mapped.getValue())) {
                return "; data.columns reads " + mapped.getKey() + " from " + mapped.getValue()
                        + ", which is none of them";
            }
        }
        String prompt = first(PROMPTS, row);
        if (prompt == null && row.has("input")) {
            prompt = "input";
        }
        String answer = first(ANSWERS, row);
        if (prompt != null && answer != null) {
            for (Layout layout : Layout.values()) {
                if (layout.isPair() && row.has(layout.fields().get(1))) {
                    return "; map one to the other's partner: "
                            + Columns.typed(layout.fields().get(0), prompt);
                }
            }
            return "; map both: " + Columns.typed("question", prompt, "answer", answer);
        }
        if (answer != null) {
            return "; there is no prompt beside it: for text without one map " + Columns.typed("text", answer);
        }
        return "; a row has "
                + String.join(
                        " | ",
                        Arrays.stream(Layout.values())
                                .map(l -> String.join(" + ", l.fields()))
                                .toList())
                + "; map other names to these, for instance " + Columns.typed("question", "problem");
    }

    private static String first(List<String> names, ObjectNode row) {
        return names.stream().filter(row::has).findFirst().orElse(null);
    }
}
