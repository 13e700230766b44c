package io.github.psft4j.loss;

import io.github.psft4j.io.NearestName;
import io.github.psft4j.settings.Setting;
import java.util.Collection;
import java.util.Comparator;

/** The nearest one to a misspelt name, without case, hyphens and underscores. */
final class Names {

    private Names() {}

    /** The known name with the fewest edits; empty if there is none at all. */
    static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(k -> NearestName.distance(Setting.normal(name), Setting.normal(k))))
                .orElse("");
    }
}
