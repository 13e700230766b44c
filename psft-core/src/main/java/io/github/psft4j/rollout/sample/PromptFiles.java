package io.github.psft4j.rollout.sample;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.RawRows;
import io.github.psft4j.data.encode.Fields;
import io.github.psft4j.data.encode.PromptRow;
import io.github.psft4j.data.encode.TextEncoder;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prompts from JSONL, JSON, CSV or Parquet files, with all their other columns. */
public final class PromptFiles {

    private static final Logger LOG = LoggerFactory.getLogger(PromptFiles.class);

    /** Columns that hold prompts in usual data sets; the first that the first row has is taken. */
    private static final List<String> USUAL =
            List.of("prompt", "messages", "question", "problem", "query", "instruction", "input");

    private static final String FIELD = "prompt";

    private final DataOptions options;
    private final int longest;
    private final TextEncoder text;
    private final List<Prompt> prompts = new ArrayList<>();
    private DataOptions fields; // null before the first row
    private int rows;
    private int bad;
    private String firstFault;
    private int tooLong;
    private int longestLeftOut;

    private PromptFiles(DataOptions options, int longest, TextEncoder text) {
        this.options = options;
        this.longest = longest;
        this.text = text;
    }

    /**
     * Reads all prompts in the order of their rows.
     *
     * @param options files, the column of the field {@code prompt} (without one, the first of prompt, messages,
     *     question, problem, query, instruction and input that the first row has), the suffix of a prompt that is text
     *     and whether it becomes a user message, what happens to bad rows, and how many rows are read
     * @param longest most tokens of a prompt; longer ones are left out and counted
     * @param template null if the model has none
     * @throws DataFormatException naming file, line, field and remedy, if a row is no prompt or none is left
     */
    public static List<Prompt> read(DataOptions options, int longest, Tokenizer tokenizer, ChatTemplate template) {
        TextEncoder text = new TextEncoder(tokenizer, template, null, tokenizer.stopTokenIds());
        return new PromptFiles(options, longest, text).read();
    }

    private List<Prompt> read() {
        try (RawRows all = RawRows.open(options.paths())) {
            while (all.hasNext() && rows < options.maxRows()) {
                rows++;
                try {
                    add(all.next());
                } catch (DataFormatException e) {
                    if (options.badRows() == BadRows.ERROR) {
                        throw e;
                    }
                    bad++;
                    firstFault = firstFault == null ? e.getMessage() : firstFault;
                }
            }
        }
        if (bad > 0) {
            LOG.warn("{} of {} rows are no prompts and are left out, the first: {}", bad, rows, firstFault);
        }
        if (tooLong > 0) {
            LOG.warn(
                    "{} of {} prompts have more than {} tokens, the longest {}, and are left out; lower"
                            + " rollout.max_new_tokens, or raise data.max_length if the model has more positions",
                    tooLong,
                    rows,
                    longest,
                    longestLeftOut);
        }
        if (prompts.isEmpty()) {
            throw new DataFormatException(options.paths() + ": no prompt is left of " + rows + " rows; " + bad
                    + " are no prompts" + (firstFault == null ? "" : " (" + firstFault + ")") + ", " + tooLong
                    + " have more than " + longest + " tokens");
        }
        return List.copyOf(prompts);
    }

    private void add(RawRow row) {
        if (fields == null) {
            fields = DataOptions.builder(options.paths().toArray(Path[]::new))
                    .column(FIELD, column(row))
                    .promptAsUserMessage(options.promptAsUserMessage())
                    .build();
        }
        String suffix = options.promptSuffix() == null ? "" : options.promptSuffix();
        PromptRow prompt = PromptRow.read(new Fields(row, fields), text, suffix);
        if (prompt.ids().length > longest) {
            tooLong++;
            longestLeftOut = Math.max(longestLeftOut, prompt.ids().length);
            return;
        }
        Map<String, JsonNode> others = new LinkedHashMap<>();
        row.fields().fields().forEachRemaining(entry -> others.put(entry.getKey(), entry.getValue()));
        others.remove(fields.column(FIELD));
        prompts.add(new Prompt(prompt.ids(), prompt.value(), others));
    }

    private String column(RawRow first) {
        if (options.columns().containsKey(FIELD)) {
            return options.column(FIELD);
        }
        return USUAL.stream().filter(first.fields()::has).findFirst().orElseThrow(() -> {
            List<String> present = new ArrayList<>();
            first.fields().fieldNames().forEachRemaining(present::add);
            return new DataFormatException(first.location() + ": the row has no column " + USUAL
                    + ", but " + present + "; name the one that holds the prompt"
                    + " (--set \"data.columns={prompt: COLUMN}\")");
        });
    }
}
