package io.github.psft4j.hf.text;

import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.Sha256;
import io.github.psft4j.jinja.Limits;
import io.github.psft4j.jinja.Template;
import io.github.psft4j.jinja.TemplateException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Turns a conversation into the text that a chat model was trained on, as {@code apply_chat_template} of transformers
 * does, and marks what the assistant said.
 *
 * <p>A message is a map with {@code role}, {@code content} and whatever else the template reads ({@code tool_calls},
 * {@code reasoning_content}, ...). Values are strings, numbers, booleans, null, lists, maps and Jackson nodes; of any
 * other object the template sees a placeholder. Nothing that is handed in is changed.
 *
 * <p>Templates are programs from strangers: they reach nothing but these values, and are stopped when they use more
 * steps, text or depth than {@link Limits#DEFAULT}. Immutable and thread-safe.
 */
public final class ChatTemplate implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final String DEFAULT = "default";
    private static final String TOOL_USE = "tool_use";
    private static final String MESSAGES = "messages";

    /** Names under which models give their reasoning; transformers fills the first from the others. */
    private static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");

    private final transient Map<String, Template> templates;
    private final transient Map<String, String> sources;
    private final transient String fingerprint;
    private final transient Map<String, Object> specialTokens;
    private final transient Clock clock;

    /** @throws ChatTemplateException if a source breaks the grammar */
    private ChatTemplate(
            Map<String, String> sources, String fingerprint, Map<String, Object> specialTokens, Clock clock) {
        this.templates = new LinkedHashMap<>();
        sources.forEach((name, source) -> templates.put(name, parse(source)));
        this.sources = sources;
        this.fingerprint = fingerprint;
        this.specialTokens = specialTokens;
        this.clock = clock;
    }

    /**
     * @param template a Jinja template, without variables for special tokens: hand {@code bos_token} and the like to
     *     {@link #render} if it uses them
     * @return the template
     * @throws ChatTemplateException if it breaks the grammar
     */
    public static ChatTemplate of(String template) {
        return new ChatTemplate(
                Map.of(DEFAULT, template), Sha256.of(DEFAULT, template), Map.of(), Clock.systemDefaultZone());
    }

    /**
     * Reads the chat template of a model directory. Its source is {@code chat_template.jinja} (and
     * {@code additional_chat_templates/*.jinja}), or else {@code chat_template} in {@code tokenizer_config.json}. The
     * latter holds one template or a list of named ones. Of named ones {@code tool_use} is taken for conversations with
     * tools. The special tokens of {@code tokenizer_config.json} and {@code special_tokens_map.json} become variables.
     *
     * @param dir model directory
     * @return the template
     * @throws ModelFormatException if there is none, or a file is damaged
     * @throws ChatTemplateException if the template breaks the grammar
     */
    public static ChatTemplate load(Path dir) {
        ChatTemplateFiles files = ChatTemplateFiles.read(dir);
        String fingerprint =
                Sha256.of(new TreeMap<>(files.templates()).toString(), new TreeMap<>(files.specialTokens()).toString());
        return new ChatTemplate(files.templates(), fingerprint, files.specialTokens(), Clock.systemDefaultZone());
    }

    /**
     * Takes a template of your choice with the special tokens of a model directory.
     *
     * @param dir model directory, with or without a template of its own
     * @param nameOrFile a name of {@link TrainingTemplates}, or a file
     * @return the template
     * @throws io.github.psft4j.io.RefusedException if there is no such name or file
     * @throws ChatTemplateException if the template breaks the grammar
     */
    public static ChatTemplate load(Path dir, String nameOrFile) {
        String source = TrainingTemplates.source(nameOrFile);
        Map<String, Object> tokens = ChatTemplateFiles.specialTokens(dir);
        return new ChatTemplate(
                Map.of(DEFAULT, source),
                Sha256.of(source, new TreeMap<>(tokens).toString()),
                tokens,
                Clock.systemDefaultZone());
    }

    /**
     * Like {@link #load}, for models that may have none, as base models do.
     *
     * @param dir model directory
     * @return the template, empty if the directory holds none
     * @throws ModelFormatException if a file is damaged
     * @throws ChatTemplateException if the template breaks the grammar
     */
    public static Optional<ChatTemplate> find(Path dir) {
        return ChatTemplateFiles.exist(dir) ? Optional.of(load(dir)) : Optional.empty();
    }

    /** The sources, which are parsed where they arrive. */
    private static final class Sent implements Serializable {

        private static final long serialVersionUID = 1L;

        private final LinkedHashMap<String, String> sources;
        private final String fingerprint;
        private final LinkedHashMap<String, Object> specialTokens;
        private final Clock clock;

        Sent(ChatTemplate template) {
            sources = new LinkedHashMap<>(template.sources);
            fingerprint = template.fingerprint;
            specialTokens = new LinkedHashMap<>(template.specialTokens);
            clock = template.clock;
        }

        private Object readResolve() {
            return new ChatTemplate(sources, fingerprint, specialTokens, clock);
        }
    }

    private Object writeReplace() {
        return new Sent(this);
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a chat template travels by its sources");
    }

    private static Template parse(String source) {
        try {
            return Template.parse(source);
        } catch (TemplateException e) {
            throw new ChatTemplateException(e.getMessage(), false, e);
        }
    }

    /**
     * @param fixed what {@code strftime_now} takes for now; the default is the system's clock and time zone
     * @return the same template with that clock
     */
    public ChatTemplate withClock(Clock fixed) {
        return new ChatTemplate(sources, fingerprint, specialTokens, fixed);
    }

    /** SHA-256 of the templates and special tokens: the same conversation gives the same text, but for the date. */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * Whether a model is asked its first question in the same text. A model that is trained with one template and asked
     * with another that differs here does not show what it learned.
     *
     * @param other another template, or null for none
     * @return false for null, and if one of the two refuses the question
     */
    public boolean asksLike(ChatTemplate other) {
        List<Map<String, String>> question = List.of(Map.of("role", "user", "content", "Why?"));
        try {
            return other != null
                    && render(question, true)
                            .text()
                            .equals(other.render(question, true).text());
        } catch (ChatTemplateException e) {
            return false;
        }
    }

    /**
     * Renders without further variables.
     *
     * @see #render(List, Map, boolean)
     */
    public Rendering render(List<? extends Map<String, ?>> messages, boolean addGenerationPrompt) {
        return render(messages, Map.of(), addGenerationPrompt);
    }

    /**
     * @param messages the conversation
     * @param variables what else the template may read: {@code tools} (JSON schemas as maps), {@code documents},
     *     {@code enable_thinking}, ...; wins over special tokens of the same name
     * @param addGenerationPrompt whether to end with the opening of an answer by the assistant
     * @return text and what of it the assistant said
     * @throws ChatTemplateException if the template refuses the conversation, fails or uses too much
     */
    public Rendering render(
            List<? extends Map<String, ?>> messages, Map<String, ?> variables, boolean addGenerationPrompt) {
        Map<String, Object> all = new LinkedHashMap<>(specialTokens);
        all.put("tools", null);
        all.put("documents", null);
        all.putAll(variables);
        all.put(MESSAGES, messages.stream().map(ChatTemplate::withReasoning).toList());
        all.put("add_generation_prompt", addGenerationPrompt);
        try {
            Template.Result result = template(all.get("tools") != null).render(all, MESSAGES, clock, Limits.DEFAULT);
            Map<Integer, Rendering.Span> parts = new LinkedHashMap<>();
            result.passes().forEach((index, span) -> parts.put(index, span(span)));
            return new Rendering(
                    result.text(),
                    result.spans().stream().map(ChatTemplate::span).toList(),
                    parts);
        } catch (TemplateException e) {
            throw new ChatTemplateException(e.getMessage(), e.raisedByTemplate(), e);
        }
    }

    /**
     * Renders and encodes. The mask marks the text inside {@code {% generation %}}; for a template without it, find the
     * assistant's tokens by rendering with and without the last message.
     *
     * @param tokenizer the tokenizer of the same model
     * @return tokens and which of them the assistant said
     * @throws ChatTemplateException as {@link #render(List, Map, boolean)}
     */
    public ChatTokens encode(
            Tokenizer tokenizer,
            List<? extends Map<String, ?>> messages,
            Map<String, ?> variables,
            boolean addGenerationPrompt) {
        Rendering rendering = render(messages, variables, addGenerationPrompt);
        return ChatTokens.of(rendering, tokenizer.encodeWithSpans(rendering.text(), false));
    }

    private static Rendering.Span span(Template.Span span) {
        return new Rendering.Span(span.start(), span.end());
    }

    private Template template(boolean withTools) {
        Template template = withTools ? templates.get(TOOL_USE) : null;
        if (template == null) {
            template = templates.get(DEFAULT);
        }
        if (template == null) {
            throw new ChatTemplateException(
                    "the model has the chat templates " + templates.keySet() + " and none named '" + DEFAULT
                            + "'; take the text of the one you want and use ChatTemplate.of",
                    false,
                    null);
        }
        return template;
    }

    private static Map<String, Object> withReasoning(Map<String, ?> message) {
        Object reasoning = REASONING.stream()
                .map(message::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        Map<String, Object> filled = new LinkedHashMap<>();
        if (reasoning != null) {
            filled.put("thinking", reasoning);
        }
        filled.putAll(message);
        if (reasoning != null) {
            filled.put("reasoning_content", reasoning);
        }
        return filled;
    }
}
