package io.github.psft4j.loss;

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
                .min(Comparator.comparingInt(k -> edits(normal(name), normal(k))))
                .orElse("");
    }

    /** Levenshtein distance. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
