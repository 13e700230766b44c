package io.github.psft4j.data.encode;

import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.ChatTemplateException;
import io.github.psft4j.hf.text.Rendering;
import io.github.psft4j.hf.text.TokenSpans;
import io.github.psft4j.hf.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tokenizer, chat template and end-of-sequence token of a run. Thread-safe. */
public final class TextEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Integer eos;
    private final Set<Integer> stops;
    private final Map<Integer, String> pieces = new ConcurrentHashMap<>();
    private final Map<Integer, Boolean> special = new ConcurrentHashMap<>();
    private volatile TurnTokens turns;

    /**
     * @param template null if the model has none
     * @param eos null if none is appended
     * @param stops all tokens that end a sequence
     */
    public TextEncoder(Tokenizer tokenizer, ChatTemplate template, Integer eos, Set<Integer> stops) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.eos = eos;
        this.stops = Set.copyOf(stops);
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Whether conversations can be rendered. */
    public boolean hasTemplate() {
        return template != null;
    }

    /** All tokens that end a sequence. */
    Set<Integer> stops() {
        return stops;
    }

    /** The special tokens that frame turns. */
    TurnTokens turns() {
        if (turns == null) {
            turns = new TurnTokens(this); // the same from every thread
        }
        return turns;
    }

    /** A token as text. */
    String piece(int token) {
        return pieces.computeIfAbsent(token, id -> tokenizer.decode(id));
    }

    boolean isBlank(int token) {
        return piece(token).isBlank();
    }

    boolean isSpecial(int token) {
        return special.computeIfAbsent(
                token,
                id -> !piece(id).isEmpty()
                        && tokenizer.decode(new int[] {id}, true).isEmpty());
    }

    int[] encode(Fields row, String field, String text, boolean addSpecialTokens) {
        row.requireWellFormed(field, text);
        try {
            int[] tokens = tokenizer.encode(text, addSpecialTokens);
            return addSpecialTokens && isDoubled(tokens) && text.stripLeading().startsWith(piece(tokens[0]))
                    ? Arrays.copyOfRange(tokens, 1, tokens.length)
                    : tokens;
        } catch (RuntimeException e) {
            throw row.fault(field, "cannot be tokenised: " + e.getMessage(), e);
        }
    }

    TokenSpans encodeWithSpans(Fields row, String field, String text, boolean addSpecialTokens) {
        row.requireWellFormed(field, text);
        try {
            TokenSpans spans = tokenizer.encodeWithSpans(text, addSpecialTokens);
            return isDoubled(spans.tokens()) && spans.starts()[0] < 0 && spans.starts()[1] >= 0
                    ? spans.range(1, spans.tokens().length)
                    : spans;
        } catch (RuntimeException e) {
            throw row.fault(field, "cannot be tokenised: " + e.getMessage(), e);
        }
    }

    /** Whether the tokenizer put its first token before a text that brings it along. */
    private boolean isDoubled(int[] tokens) {
        return tokens.length > 1 && tokens[0] == tokens[1] && isSpecial(tokens[0]);
    }

    /** Whether a sequence ends: its last token but white space is one that ends sequences. */
    boolean isEnded(int[] tokens) {
        int last = tokens.length - 1;
        while (last >= 0 && !stops.contains(tokens[last]) && isBlank(tokens[last])) {
            last--;
        }
        return last >= 0 && stops.contains(tokens[last]);
    }

    /** A text without the white space and ends of sequence behind it. */
    String said(String text) {
        String said = text.strip();
        for (int stop : stops) {
            String end = piece(stop);
            if (!end.isEmpty() && said.endsWith(end)) {
                return said(said.substring(0, said.length() - end.length()));
            }
        }
        return said;
    }

    /** Appends the end-of-sequence token unless an end is there. */
    int[] ended(int[] completion) {
        if (eos == null || isEnded(completion)) {
            return completion;
        }
        int[] ended = Arrays.copyOf(completion, completion.length + 1);
        ended[completion.length] = eos;
        return ended;
    }

    /** Renders messages; faults name the field of the messages. */
    Rendering render(
            Fields row,
            String field,
            List<? extends Map<String, ?>> messages,
            Map<String, ?> variables,
            boolean addGenerationPrompt) {
        if (template == null) {
            throw row.fault(
                    field,
                    "is a conversation, and the model has no chat template; name one (data.chat_template: chatml),"
                            + " add chat_template.jinja to the model's directory, or write the rows as strings"
                            + " (prompt, completion)");
        }
        try {
            return template.render(messages, variables, addGenerationPrompt);
        } catch (ChatTemplateException e) {
            throw row.fault(
                    field,
                    "is refused by the chat template: " + e.getMessage() + (e.isRefusal() ? "" : hint(messages)),
                    e);
        }
    }

    /** Renders messages; null if the template refuses them or there is none. */
    Rendering renderedOrNull(
            List<? extends Map<String, ?>> messages, Map<String, ?> variables, boolean addGenerationPrompt) {
        try {
            return template == null ? null : template.render(messages, variables, addGenerationPrompt);
        } catch (ChatTemplateException e) {
            return null;
        }
    }

    /** What of these messages a template that fails may not expect. */
    private static String hint(List<? extends Map<String, ?>> messages) {
        for (int i = 0; i < messages.size(); i++) {
            Object content = messages.get(i).get("content");
            if (!(content instanceof String)) {
                return "; message " + (i + 1)
                        + (content == null ? " has no content (null)" : " has a list of parts as content")
                        + ", and this template expects text: write it as text (\"\" for none)"
                        + ", or name another template (data.chat_template)";
            }
        }
        return "";
    }
}
