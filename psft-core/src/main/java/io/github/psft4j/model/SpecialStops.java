package io.github.psft4j.model;

import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Stop strings that are special tokens. A text has no special tokens, so these stop by their id. */
public final class SpecialStops {

    private SpecialStops() {}

    /**
     * The same settings with the ids of such strings among the stop ids.
     *
     * @param tokenizer may be null
     */
    public static GenerationConfig in(GenerationConfig settings, Tokenizer tokenizer) {
        if (tokenizer == null || settings.stop().strings().isEmpty()) {
            return settings;
        }
        Set<Integer> ids = new TreeSet<>(settings.stop().ids());
        for (String stop : settings.stop().strings()) {
            OptionalInt id = tokenizer.tokenId(stop);
            if (id.isPresent()
                    && tokenizer.decode(new int[] {id.getAsInt()}, true).isEmpty()) {
                ids.add(id.getAsInt());
            }
        }
        return with(settings, ids);
    }

    /** The same settings with these stop ids. */
    static GenerationConfig with(GenerationConfig settings, Set<Integer> ids) {
        return settings.toBuilder()
                .stopIds(ids.stream().mapToInt(Integer::intValue).toArray())
                .build();
    }
}
