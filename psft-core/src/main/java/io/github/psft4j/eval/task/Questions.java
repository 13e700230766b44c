package io.github.psft4j.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.RawRows;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.Sha256;
import io.github.psft4j.settings.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The questions of data files.
 *
 * @param all in their order
 * @param rows rows that were read
 * @param sha256 over the content of all rows that were read, by which two evaluations of the same data are known
 */
public record Questions(List<Question> all, int rows, String sha256) {

    /** Copies the list. */
    public Questions {
        all = List.copyOf(all);
    }

    /**
     * Reads them.
     *
     * @param files data files or directories
     * @throws DataFormatException naming file and line, if a row is no row, a name is there twice or there is none
     */
    public static Questions read(List<Path> files, TaskSettings settings) {
        if (files.isEmpty()) {
            throw new DataFormatException(
                    "task " + settings.name() + " has no questions; name their files (task.data, --data)");
        }
        Map<String, Integer> known = new HashMap<>();
        List<Question> all = new ArrayList<>();
        Sha256 sha = new Sha256();
        int rows = 0;
        try (RawRows source = RawRows.open(files)) {
            while (source.hasNext()) {
                RawRow row = source.next();
                String content = row.fields().toString();
                if (settings.mergeRepeats() && known.putIfAbsent(Sha256.of(content), rows) != null) {
                    rows++;
                    continue;
                }
                if (settings.limit() > 0 && all.size() == settings.limit()) {
                    break;
                }
                rows++;
                sha.addWithLength(content);
                all.add(question(row, all.size(), settings));
            }
        }
        if (all.isEmpty()) {
            throw new DataFormatException(files + ": there is no row, so there is no question");
        }
        requireNames(all);
        return new Questions(all, rows, sha.hex());
    }

    /** Solved examples: rows of other files, which need no names. */
    public static Questions pool(List<Path> files) {
        return read(files, Setting.create(TaskSettings.class, Map.of("name", "prompt.few_shot_data")));
    }

    private static Question question(RawRow row, int number, TaskSettings settings) {
        String id = settings.id() == null
                ? String.valueOf(number)
                : ColumnPath.text(ColumnPath.get(row, settings.id(), "task.id"));
        JsonNode cluster = settings.cluster() == null ? null : ColumnPath.get(row, settings.cluster(), "task.cluster");
        return new Question(number, id, cluster == null ? null : ColumnPath.text(cluster), row);
    }

    private static void requireNames(List<Question> all) {
        Set<String> names = new HashSet<>();
        for (Question question : all) {
            if (!names.add(question.id())) {
                throw new DataFormatException(question.row().location() + ": a second question is called "
                        + question.id() + "; name another column (task.id), or leave it out");
            }
        }
    }
}
