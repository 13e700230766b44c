package io.github.psft4j.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.rows.DataFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The choices of a question.
 *
 * @param texts in their order, at least two
 * @param labels as many; letters where the data have none
 * @param gold indices of the right ones, usually one
 */
public record Choices(List<String> texts, List<String> labels, Set<Integer> gold) {

    /** Copies the collections. */
    public Choices {
        texts = List.copyOf(texts);
        labels = List.copyOf(labels);
        gold = Set.copyOf(gold);
    }

    /**
     * Reads them.
     *
     * @param goldColumn column of the right choice
     * @param goldSetting the setting that names it, for messages
     * @throws DataFormatException naming file, line and column, if they are no choices or none is right
     */
    static Choices of(Question question, ChoiceSettings settings, String goldColumn, String goldSetting) {
        List<String> texts = new ArrayList<>();
        for (String column : settings.choices()) {
            JsonNode value = question.column(column, "choice.choices");
            if (value.isArray()) {
                value.forEach(text -> texts.add(ColumnPath.text(text)));
            } else {
                texts.add(ColumnPath.text(value));
            }
        }
        if (texts.size() < 2) {
            throw fault(
                    question,
                    "choice.choices " + settings.choices() + " holds " + texts.size()
                            + " choices; it takes at least 2: a column with a list, or several columns");
        }
        List<String> labels = new ArrayList<>();
        if (settings.labels() != null) {
            question.column(settings.labels(), "choice.labels").forEach(label -> labels.add(ColumnPath.text(label)));
            if (labels.size() != texts.size()) {
                throw fault(
                        question,
                        "choice.labels '" + settings.labels() + "' holds " + labels.size() + " labels for "
                                + texts.size() + " choices");
            }
        } else {
            for (int i = 0; i < texts.size(); i++) {
                labels.add(letter(i));
            }
        }
        JsonNode gold = question.column(goldColumn, goldSetting);
        Set<Integer> right = right(gold, texts, labels, settings.firstNumber());
        if (right.isEmpty()) {
            throw fault(
                    question,
                    "the right choice (" + goldSetting + ") is " + gold + ", which is none of the "
                            + texts.size() + " choices: neither a label of " + labels
                            + ", nor a number from " + settings.firstNumber() + ", nor a text");
        }
        return new Choices(texts, labels, right);
    }

    /** Letter of a choice: A, B, ... */
    public static String letter(int index) {
        return String.valueOf((char) ('A' + index));
    }

    /** One lettered line each. */
    String lines() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            out.append(i == 0 ? "" : "\n").append(labels.get(i)).append(". ").append(texts.get(i));
        }
        return out.toString();
    }

    private static Set<Integer> right(JsonNode gold, List<String> texts, List<String> labels, int first) {
        Set<Integer> out = new TreeSet<>();
        if (gold.isArray()) {
            for (int i = 0; i < gold.size() && i < texts.size(); i++) {
                if (gold.get(i).asInt() == 1) {
                    out.add(i);
                }
            }
            return gold.size() == texts.size() ? out : Set.of();
        }
        String text = ColumnPath.text(gold).strip();
        int index = gold.isIntegralNumber() ? -1 : labels.indexOf(text);
        if (index < 0 && text.matches("[0-9]{1,3}")) {
            index = Integer.parseInt(text) - first;
        }
        if (index < 0 || index >= texts.size()) {
            index = texts.indexOf(text);
        }
        return index < 0 ? out : Set.of(index);
    }

    private static DataFormatException fault(Question question, String problem) {
        return new DataFormatException(question.row().location() + ": " + problem);
    }
}
