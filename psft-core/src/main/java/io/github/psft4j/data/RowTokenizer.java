package io.github.psft4j.data;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.encode.Columns;
import io.github.psft4j.data.encode.ConversationEncoder;
import io.github.psft4j.data.encode.DropReason;
import io.github.psft4j.data.encode.Encoded;
import io.github.psft4j.data.encode.Fields;
import io.github.psft4j.data.encode.InstructionEncoder;
import io.github.psft4j.data.encode.LayoutFinder;
import io.github.psft4j.data.encode.OtherKinds;
import io.github.psft4j.data.encode.PlainTextEncoder;
import io.github.psft4j.data.encode.PromptEncoder;
import io.github.psft4j.data.encode.RowEncoder;
import io.github.psft4j.data.encode.TextEncoder;
import io.github.psft4j.data.encode.TokensEncoder;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.pair.Label;
import io.github.psft4j.data.pair.PairEncoder;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Turns rows into demonstrations: layout, tokens, mask, truncation, weight. Thread-safe after {@link #start}. */
final class RowTokenizer {
    private final DataOptions options;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Columns columns = new Columns();
    private final Set<Integer> stops;
    private Layout layout;
    private RowEncoder encoder;
    private volatile boolean ends;

    RowTokenizer(DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        this.options = options;
        this.tokenizer = tokenizer;
        this.template = template;
        this.stops = options.eosTokenId() != null
                ? Set.of(options.eosTokenId())
                : tokenizer == null ? Set.of() : tokenizer.stopTokenIds();
    }

    /** Fixes the layout by the first row. */
    void start(RawRow first) {
        layout = LayoutFinder.of(first, options);
        encoder = encoder(first);
    }

    /** The layout, null before {@link #start}. */
    Layout layout() {
        return layout;
    }

    /** Columns that hold something and that nothing has read so far. */
    Collection<String> unread() {
        return columns.unread();
    }

    private RowEncoder encoder(RawRow first) {
        boolean all = options.lossOn() == LossOn.ALL;
        if (layout == Layout.TOKENS) {
            int bound = options.vocabSize() != null
                    ? options.vocabSize()
                    : tokenizer != null ? tokenizer.vocabSize() : Integer.MAX_VALUE;
            return new TokensEncoder(bound, all);
        }
        if (tokenizer == null) {
            throw new DataFormatException(first.location() + ": the rows are text (" + layout + ") and the model has no"
                    + " tokenizer.json; add it to the model's directory, or give rows of input_ids and loss_mask");
        }
        TextEncoder text = new TextEncoder(tokenizer, template, eos(), stops);
        return switch (layout) {
            case MESSAGES -> new ConversationEncoder(options.lossOn(), text);
            case TEXT -> plainText(first, text);
            case QUESTION_ANSWER, PROBLEM_SOLUTION -> new PromptEncoder(layout, suffix("\n"), options.lossOn(), text);
            case PREFERENCE -> new PairEncoder(suffix(""), options.lossOn(), text);
            case ALPACA, DOLLY, QUERY_RESPONSE -> instructions(text);
            default -> new PromptEncoder(layout, suffix(""), options.lossOn(), text);
        };
    }

    private RowEncoder plainText(RawRow first, TextEncoder text) {
        if (options.lossOn() == LossOn.COMPLETION || options.lossOn() == LossOn.ASSISTANT) {
            throw new DataFormatException(first.location() + ": rows of the layout TEXT have no "
                    + options.lossOn().name().toLowerCase(Locale.ROOT)
                    + " to train on; use loss_on: all, or rows of prompt and completion");
        }
        return new PlainTextEncoder(text);
    }

    private RowEncoder instructions(TextEncoder text) {
        boolean chat = text.hasTemplate() || options.promptAsUserMessage();
        return new InstructionEncoder(layout, suffix(chat ? "" : "\n"), chat, options.lossOn(), text);
    }

    private String suffix(String usual) {
        if (options.promptSuffix() != null) {
            return options.promptSuffix();
        }
        return options.promptAsUserMessage() ? "" : usual;
    }

    private Integer eos() {
        if (!options.appendEos()) {
            return null;
        }
        if (options.eosTokenId() != null) {
            return options.eosTokenId();
        }
        return tokenizer
                .eosTokenId()
                .orElseThrow(() -> new DataFormatException(tokenizer
                        + " names no eos_token in tokenizer_config.json, so no end can be appended to completions;"
                        + " give its id, or switch append_eos off"));
    }

    /**
     * The result of a row, or of a fault in its place.
     *
     * @throws DataFormatException if the row is not a demonstration and the options do not leave such rows out
     */
    RowResult result(RowSource.Result read) {
        DataFormatException fault = read.fault();
        if (fault == null) {
            try {
                return make(read.row());
            } catch (DataFormatException e) {
                fault = e;
            }
        }
        if (options.badRows() == BadRows.ERROR) {
            throw fault;
        }
        return new RowResult(read.row(), layout, List.of(), 1, 0, DropReason.MALFORMED, fault.getMessage(), List.of());
    }

    /** What the rows so far say of the whole set. */
    PartTokenizer.Facts facts(Set<String> notes) {
        return new PartTokenizer.Facts(columns.seen(), columns.read(), ends, notes);
    }

    /** Adds what rows elsewhere say. */
    void add(PartTokenizer.Facts facts) {
        columns.add(facts.seen(), facts.read());
        ends |= facts.ends();
    }

    /** @throws DataFormatException if the row is not a demonstration */
    RowResult make(RawRow row) {
        Fields fields = new Fields(row, options, columns);
        columns.see(row.fields());
        OtherKinds.refuse(fields, row.fields(), options, layout);
        List<Encoded> encoded = encoder.sequences(fields);
        double weight = weight(fields);
        int length = encoded.stream().mapToInt(e -> e.tokens().length).max().orElse(0);
        for (Encoded one : encoded) {
            if (one.leftOut() != null) {
                return left(row, fields, weight, length, one.leftOut(), one.detail());
            }
        }
        if (length > options.maxLength()) {
            switch (options.truncation()) {
                case DROP -> {
                    return left(row, fields, weight, length, DropReason.TOO_LONG, null);
                }
                case KEEP_START ->
                    encoded = encoded.stream()
                            .map(e -> e.start(Math.min(e.tokens().length, options.maxLength())))
                            .toList();
                case ERROR ->
                    throw new DataFormatException(row.location() + ": the row has " + length
                            + " tokens, data.max_length is " + options.maxLength()
                            + "; raise it, or choose data.truncation: drop or keep_start");
            }
        }
        if (!encoded.stream().allMatch(Encoded::trains)) {
            return left(row, fields, weight, length, DropReason.NO_TRAINED_TOKENS, null);
        }
        List<Demonstration> made = encoded.stream()
                .map(e -> new Demonstration(e.tokens(), e.mask()))
                .toList();
        if (made.size() > 1 && made.get(0).equals(made.get(1))) {
            return left(row, fields, weight, length, DropReason.NO_DIFFERENCE, null);
        }
        ends = ends || trainsAnEnd(made.get(0));
        return new RowResult(row, layout, made, weight, length, null, null, fields.notes());
    }

    /** The row's weight; the label of an answer without a partner is kept in its place. */
    private double weight(Fields fields) {
        boolean weighted = options.columns().containsKey("weight");
        if (layout == Layout.UNPAIRED_PREFERENCE) {
            if (weighted) {
                throw fields.fault(
                        "weight",
                        "is mapped, and rows of prompt, completion and label take no weight;"
                                + " weigh good and bad answers by the objective (desirable_weight,"
                                + " undesirable_weight)");
            }
            return Label.of(fields) ? 1 : 0;
        }
        return weighted ? fields.weight("weight") : 1;
    }

    private boolean trainsAnEnd(Demonstration demonstration) {
        int[] tokens = demonstration.tokens();
        boolean[] mask = demonstration.lossMask();
        for (int i = tokens.length - 1; i >= 0; i--) {
            if (mask[i] && stops.contains(tokens[i])) {
                return true;
            }
        }
        return false;
    }

    /** A note that no demonstration so far trains the end of a sequence; null if one does, or the end is unknown. */
    String endlessNote() {
        if (ends || stops.isEmpty()) {
            return null;
        }
        List<String> names = stops.stream()
                .map(id -> tokenizer == null ? id.toString() : tokenizer.decode(id))
                .sorted()
                .toList();
        return "no trained token ends a sequence (" + String.join(", ", names)
                + "), so the model does not learn to stop: "
                + switch (layout) {
                    case TOKENS -> "let loss_mask train the end-of-sequence token, or name it (data.eos_token_id)";
                    case MESSAGES ->
                        "put {% endgeneration %} of the chat template behind the end of the turn, or name another"
                                + " template (data.chat_template) or end (data.eos_token_id)";
                    default -> "set data.append_eos: true";
                };
    }

    private RowResult left(RawRow row, Fields fields, double weight, int length, DropReason reason, String detail) {
        return new RowResult(row, layout, List.of(), weight, length, reason, detail, fields.notes());
    }
}
