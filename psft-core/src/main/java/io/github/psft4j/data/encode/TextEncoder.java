package io.github.psft4j.data.encode;

import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.ChatTemplateException;
import io.github.psft4j.hf.text.Rendering;
import io.github.psft4j.hf.text.TokenSpans;
import io.github.psft4j.hf.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Tokenizer, chat template and end-of-sequence token of a run. Thread-safe. */
public final class TextEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Integer eos;

    /**
     * @param template null if the model has none
     * @param eos null if none is appended
     */
    public TextEncoder(Tokenizer tokenizer, ChatTemplate template, Integer eos) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.eos = eos;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Whether conversations can be rendered. */
    public boolean hasTemplate() {
        return template != null;
    }

    /** The token that ends a sequence, null if none is appended. */
    Integer eos() {
        return eos;
    }

    int[] encode(Fields row, String field, String text, boolean addSpecialTokens) {
        row.requireWellFormed(field, text);
        try {
            return tokenizer.encode(text, addSpecialTokens);
        } catch (RuntimeException e) {
            throw row.fault(field, "cannot be tokenised: " + e.getMessage(), e);
        }
    }

    TokenSpans encodeWithSpans(Fields row, String field, String text) {
        row.requireWellFormed(field, text);
        try {
            return tokenizer.encodeWithSpans(text, false);
        } catch (RuntimeException e) {
            throw row.fault(field, "cannot be tokenised: " + e.getMessage(), e);
        }
    }

    /** Appends the end-of-sequence token unless it is there. */
    int[] ended(int[] completion) {
        if (eos == null || completion.length > 0 && completion[completion.length - 1] == eos) {
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
                    "is a conversation, and the model has no chat template; add chat_template.jinja to its"
                            + " directory, or write the rows as strings (prompt, completion)");
        }
        try {
            return template.render(messages, variables, addGenerationPrompt);
        } catch (ChatTemplateException e) {
            throw row.fault(field, "is refused by the chat template: " + e.getMessage(), e);
        }
    }
}
