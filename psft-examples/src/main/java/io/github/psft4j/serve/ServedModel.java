package io.github.psft4j.serve;

import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.SpecialStops;
import io.github.psft4j.transformer.generation.BatchLimits;
import io.github.psft4j.transformer.generation.ContinuousGenerator;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.time.Instant;
import java.util.Set;

/** A model with what requests need of it. All methods may be called from any thread. */
public final class ServedModel implements AutoCloseable {

    private final String name;
    private final Instant since = Instant.now();
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Set<Integer> ends;
    private final int beginning;
    private final TokenTexts texts;
    private final int lookup;
    private final ContinuousGenerator generator;

    /**
     * Takes the model; nothing else may use it until this is closed.
     *
     * @param name what clients call it
     * @param template null for a model that does not chat
     * @param ends ids that end a text
     * @param lookup tokens that are proposed at a time from what a sequence has said before, 0 for none
     * @throws IllegalArgumentException if the model has no tokenizer
     */
    public ServedModel(
            String name, CausalLm model, ChatTemplate template, Set<Integer> ends, BatchLimits limits, int lookup) {
        if (model.tokenizer() == null) {
            throw new IllegalArgumentException("a model without tokenizer.json cannot be served: requests are texts");
        }
        this.name = name;
        this.tokenizer = model.tokenizer();
        this.template = template;
        this.ends = Set.copyOf(ends);
        this.beginning = model.config().bosTokenId();
        this.texts = new TokenTexts(tokenizer, model.config().vocabSize());
        this.lookup = lookup;
        this.generator =
                new ContinuousGenerator(model.graph(), model.config(), ids -> tokenizer.decode(ids, true), limits);
    }

    /** What clients call it. */
    public String name() {
        return name;
    }

    /** When it was loaded. */
    public Instant since() {
        return since;
    }

    /** Its tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Its chat template, null if it has none. */
    public ChatTemplate template() {
        return template;
    }

    /** Ids that end a text. */
    public Set<Integer> ends() {
        return ends;
    }

    /** Id that begins a text, negative if there is none. */
    public int beginning() {
        return beginning;
    }

    /** Texts of single tokens. */
    public TokenTexts texts() {
        return texts;
    }

    /** Tokens that are proposed at a time, as {@link GenerationConfig#lookup}. */
    public int lookup() {
        return lookup;
    }

    /** What decodes the requests. */
    public ContinuousGenerator generator() {
        return generator;
    }

    /** Settings in which stop strings that are special tokens stop by their id. */
    public GenerationConfig withSpecialStops(GenerationConfig settings) {
        return SpecialStops.in(settings, tokenizer);
    }

    /** Cancels all requests. */
    @Override
    public void close() {
        generator.close();
    }
}
