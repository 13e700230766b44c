package io.github.psft4j.eval.task;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/** What is evaluated. */
public record TaskSettings(
        @Doc("Name in tables and directories.") @Value(otherwise = "file's")
        String name,

        @Doc("How the model is asked: generate (it writes answers that a judge calls right or wrong), choice (the"
                + " choice of the highest log-likelihood is its answer) or perplexity (log-likelihood of whole texts).")
        @Value(initial = "generate")
        TaskKind kind,

        @Doc("Questions: JSONL, JSON, CSV, TSV (also .gz, .zst) or Parquet files, or directories of them; --data wins.")
        @Value(initial = "")
        List<String> data,

        @Doc("Questions to take from the front; 0 for all.") @Value(initial = "0", range = ">= 0")
        int limit,

        @Doc("Column that names a question; without one its number does, from 0.") @Value(otherwise = "number")
        String id,

        @Doc("Column of what questions have in common, such as the text that they are about: standard errors are then"
                + " clustered by it.")
        @Value(otherwise = "none")
        String cluster,

        @Doc("Whether rows that are equal in all columns are one question. Files that repeat every question, as"
                + " those for avg@32 do, would otherwise count one question as many.")
        @Value(initial = "true")
        boolean mergeRepeats,

        @Doc("Seed of samples and of few-shot examples: a sample's own seed is a function of it, of the number of the"
                + " question and of the number of the sample.")
        @Value(initial = "0", range = ">= 0")
        long seed) {

    /** Refuses null where there is a default, and numbers out of range. */
    public TaskSettings {
        Setting.check(TaskSettings.class, name, kind, data, limit, id, cluster, mergeRepeats, seed);
        data = List.copyOf(data);
    }
}
