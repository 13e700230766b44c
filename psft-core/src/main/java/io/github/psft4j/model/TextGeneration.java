package io.github.psft4j.model;

import io.github.psft4j.hf.EndOfSequence;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationListener;
import io.github.psft4j.transformer.generation.GenerationResult;
import io.github.psft4j.transformer.generation.Generator;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What a model writes: its generator, the chat template of its directory, and the ids that end a text. */
final class TextGeneration {

    private final DecoderConfig config;
    private final Generator generator;
    private final Tokenizer tokenizer; // null without one
    private final List<Path> dirs; // the first that has a file counts; none for a model that was made in memory
    private Set<Integer> endOfSequence; // null until it is read
    private ChatTemplate template; // null until it is read

    /**
     * @param dirs directories of the model: the first that has a template, or ids that end a text, counts. Empty for
     *     one that was made in memory and has no template
     */
    TextGeneration(ComputationGraph graph, DecoderConfig config, Tokenizer tokenizer, List<Path> dirs) {
        this.config = config;
        this.generator = new Generator(graph, config, tokenizer == null ? null : ids -> tokenizer.decode(ids, true));
        this.tokenizer = tokenizer;
        this.dirs = dirs;
    }

    /** Continues prompts of token ids; the listener may be null. */
    List<GenerationResult> continued(List<int[]> prompts, GenerationConfig settings, GenerationListener listener) {
        GenerationConfig all = SpecialStops.in(settings, tokenizer);
        return listener == null ? generator.generate(prompts, all) : generator.generate(prompts, all, listener);
    }

    /** Draws samples of prompts of token ids; see {@link Generator#sample}. */
    List<GenerationResult> sampled(List<int[]> prompts, List<long[]> seeds, GenerationConfig settings) {
        return generator.sample(prompts, seeds, SpecialStops.in(settings, tokenizer));
    }

    /** Continues a text and returns both. */
    String continued(String prompt, GenerationConfig settings) {
        requireTokenizer();
        int[] ids = tokenizer.encode(prompt);
        return tokenizer.decode(ids, true)
                + continued(List.of(ids), withEndOfSequence(settings), null)
                        .get(0)
                        .text();
    }

    /** Answers a conversation; the listener may be null. */
    GenerationResult chat(
            List<? extends Map<String, ?>> messages, GenerationConfig settings, GenerationListener listener) {
        requireTokenizer();
        String text = template().render(messages, true).text();
        int[] prompt = tokenizer.encode(text, false); // the template writes the special tokens itself
        if (prompt.length >= config.longestSequence()) {
            throw new IllegalArgumentException("the conversation has " + prompt.length + " tokens, the model takes "
                    + config.longestSequence() + " with the answer; leave out earlier messages (psft chat: /reset)");
        }
        return continued(List.of(prompt), withEndOfSequence(settings), listener).get(0);
    }

    /** All end-of-sequence ids of the model; empty if it names none. */
    synchronized Set<Integer> endOfSequence() {
        if (endOfSequence == null) {
            Set<Integer> own = config.eosTokenId() < 0 ? Set.of() : Set.of(config.eosTokenId());
            endOfSequence = dirs.isEmpty()
                    ? own
                    : dirs.stream()
                            .map(EndOfSequence::ids)
                            .filter(ids -> !ids.isEmpty())
                            .findFirst()
                            .orElse(Set.of());
        }
        return endOfSequence;
    }

    private void requireTokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException("the model has no tokenizer.json; generate from token ids instead");
        }
    }

    private synchronized ChatTemplate template() {
        if (template == null && dirs.isEmpty()) {
            throw new IllegalStateException("a model that was made in memory has no chat template; save it with one and"
                    + " load it, or continue a text with generate(String, GenerationConfig)");
        }
        if (template == null) {
            template = dirs.stream()
                    .flatMap(dir -> ChatTemplate.find(dir).stream())
                    .findFirst()
                    .orElseGet(() -> ChatTemplate.load(dirs.get(0)));
        }
        return template;
    }

    /** The same settings; without stop ids they get the end-of-sequence ids of the model. */
    private GenerationConfig withEndOfSequence(GenerationConfig settings) {
        return settings.stop().ids().isEmpty() ? SpecialStops.with(settings, endOfSequence()) : settings;
    }
}
