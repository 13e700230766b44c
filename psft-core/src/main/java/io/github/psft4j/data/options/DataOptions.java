package io.github.psft4j.data.options;

import io.github.psft4j.settings.Components;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Sources of demonstrations, and how rows become tokens. {@link #builder} makes these options.
 *
 * @param paths JSONL ({@code .jsonl}, {@code .jsonl.gz}, {@code .json} with an object per line) or Parquet files, or
 *     directories, whose data files are read in the order of their names, without subdirectories
 * @param layout how rows spell demonstrations; null: recognised by the columns of the first row
 * @param columns field of the layout to the column that holds it, where the names differ: {@code {"question":
 *     "problem"}}; besides the fields of {@link Layout} there are {@code weight}, {@code tools}, {@code system},
 *     {@code input}, {@code context}, {@code history}, {@code labels} and {@code attention_mask}
 * @param lossOn which tokens are trained
 * @param maxLength most tokens of a demonstration; a model of P positions trains up to P + 1
 * @param truncation what happens to longer rows
 * @param appendEos whether the end-of-sequence token is appended to completions and trained, where it is not there yet
 * @param eosTokenId end-of-sequence token; null: the tokenizer's
 * @param vocabSize ids of pre-tokenised rows must be below; null: the tokenizer's size
 * @param promptSuffix appended to prompts that are strings; null: {@code "\n"} for {@link Layout#QUESTION_ANSWER},
 *     nothing for others
 * @param promptAsUserMessage whether a prompt that is a string becomes a user message of the chat template
 * @param badRows what happens to rows that are not demonstrations
 * @param maxRows rows to read at most
 * @param threads threads that render and tokenise
 * @param cacheDir directory for token caches that outlive the process; null: a temporary file
 */
public record DataOptions(
        List<Path> paths,
        Layout layout,
        Map<String, String> columns,
        LossOn lossOn,
        int maxLength,
        Truncation truncation,
        boolean appendEos,
        Integer eosTokenId,
        Integer vocabSize,
        String promptSuffix,
        boolean promptAsUserMessage,
        BadRows badRows,
        long maxRows,
        int threads,
        Path cacheDir) {

    private static final Set<String> FIELDS = fields();

    /**
     * The collections are copied.
     *
     * @throws IllegalArgumentException if a value is out of range or a mapped field is unknown
     */
    public DataOptions {
        paths = List.copyOf(paths);
        columns = Map.copyOf(columns);
        Objects.requireNonNull(lossOn, "lossOn");
        Objects.requireNonNull(truncation, "truncation");
        Objects.requireNonNull(badRows, "badRows");
        require(!paths.isEmpty(), "path: name at least one data file or directory");
        require(maxLength >= 2, "maxLength must be at least 2, was " + maxLength);
        require(maxRows >= 1, "maxRows must be at least 1, was " + maxRows);
        require(threads >= 1, "threads must be at least 1, was " + threads);
        require(eosTokenId == null || eosTokenId >= 0, "eosTokenId must not be negative, was " + eosTokenId);
        require(vocabSize == null || vocabSize >= 1, "vocabSize must be at least 1, was " + vocabSize);
        for (String field : columns.keySet()) {
            require(FIELDS.contains(field), "columns: there is no field '" + field + "'; fields are " + FIELDS);
        }
    }

    /** The same options for other files. */
    public DataOptions withPaths(List<Path> others) {
        return Components.of(this).set("paths", others).build();
    }

    /** All fields that a column can be mapped to, by name. */
    public static Set<String> fieldNames() {
        return Collections.unmodifiableSet(FIELDS);
    }

    private static Set<String> fields() {
        Set<String> fields = new TreeSet<>(
                List.of("tools", "weight", "system", "input", "context", "history", "labels", "attention_mask"));
        for (Layout layout : Layout.values()) {
            fields.addAll(layout.fields());
        }
        return fields;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Options for these files or directories, everything else at its default. */
    public static Builder builder(Path... paths) {
        return new Builder(List.of(paths));
    }

    /** The column of a field: itself, unless mapped. */
    public String column(String field) {
        return columns.getOrDefault(field, field);
    }

    /** Collects options; each method documents its default. */
    public static final class Builder {
        private final Components<DataOptions> options = new Components<>(DataOptions.class);
        private final Map<String, String> columns = new LinkedHashMap<>();

        private Builder(List<Path> paths) {
            set("paths", paths);
            lossOn(LossOn.AUTO);
            maxLength(Integer.MAX_VALUE);
            truncation(Truncation.DROP);
            appendEos(true);
            badRows(BadRows.ERROR);
            maxRows(Long.MAX_VALUE);
            threads(Math.max(1, Runtime.getRuntime().availableProcessors()));
        }

        private Builder set(String component, Object value) {
            options.set(component, value);
            return this;
        }

        /** Default: recognised by the columns of the first row. */
        public Builder layout(Layout layout) {
            return set("layout", layout);
        }

        /** Says which column holds a field; default: the one of the field's name. */
        public Builder column(String field, String column) {
            columns.put(field, column);
            return this;
        }

        /** Default: {@link LossOn#AUTO}. */
        public Builder lossOn(LossOn lossOn) {
            return set("lossOn", lossOn);
        }

        /** Default: unlimited. */
        public Builder maxLength(int maxLength) {
            return set("maxLength", maxLength);
        }

        /** Default: {@link Truncation#DROP}. */
        public Builder truncation(Truncation truncation) {
            return set("truncation", truncation);
        }

        /** Default: true. */
        public Builder appendEos(boolean appendEos) {
            return set("appendEos", appendEos);
        }

        /** Default: null, the tokenizer's. */
        public Builder eosTokenId(Integer eosTokenId) {
            return set("eosTokenId", eosTokenId);
        }

        /** Default: null, the tokenizer's size. */
        public Builder vocabSize(Integer vocabSize) {
            return set("vocabSize", vocabSize);
        }

        /** Default: null, by layout. */
        public Builder promptSuffix(String promptSuffix) {
            return set("promptSuffix", promptSuffix);
        }

        /** Default: false. */
        public Builder promptAsUserMessage(boolean promptAsUserMessage) {
            return set("promptAsUserMessage", promptAsUserMessage);
        }

        /** Default: {@link BadRows#ERROR}. */
        public Builder badRows(BadRows badRows) {
            return set("badRows", badRows);
        }

        /** Default: all. */
        public Builder maxRows(long maxRows) {
            return set("maxRows", maxRows);
        }

        /** Default: the processors of the machine. */
        public Builder threads(int threads) {
            return set("threads", threads);
        }

        /** Default: null, a temporary file. */
        public Builder cacheDir(Path cacheDir) {
            return set("cacheDir", cacheDir);
        }

        /** @throws IllegalArgumentException if a value is out of range or a mapped field is unknown */
        public DataOptions build() {
            return options.set("columns", columns).build();
        }
    }
}
