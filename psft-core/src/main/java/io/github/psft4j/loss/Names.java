package io.github.psft4j.loss;

import io.github.psft4j.io.NearestName;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Names that people type: compared without case, hyphens and underscores, and the nearest one for a misspelt one. */
final class Names {

    private Names() {}

    /** {@code eps_high}, {@code eps-high} and {@code epsHigh} are one name. */
    static String normal(String name) {
        return name.replace("_", "").replace("-", "").trim().toLowerCase(Locale.ROOT);
    }

    /** The known name with the fewest edits; empty if there is none at all. */
    static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> NearestName.distance(normal(name), normal(k))))
                .orElse("");
    }
}
