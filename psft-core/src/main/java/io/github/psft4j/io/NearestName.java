package io.github.psft4j.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name that a misspelt one most likely meant. */
public final class NearestName {

    /** No name is nearly as long, and a distance costs the product of the lengths. */
    private static final int LONGEST = 100;

    private NearestName() {}

    /** The name with the fewest edits; empty if even that one is too far to be meant. */
    public static Optional<String> to(String wrong, Collection<String> names) {
        if (wrong.length() > LONGEST) {
            return Optional.empty();
        }
        return names.stream()
                .min(Comparator.comparingInt((String name) -> distance(wrong, name))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(name -> distance(wrong, name) <= Math.max(2, name.length() / 3));
    }

    /** {@code "; did you mean NAME?"} for the nearest name, empty if none is near. */
    public static String hint(String wrong, Collection<String> names) {
        return to(wrong, names).map(near -> "; did you mean " + near + "?").orElse("");
    }

    /**
     * Edits from a to b: insert, delete, replace, swap of neighbours. Equal last parts of dotted names are one edit.
     */
    public static int distance(String a, String b) {
        if (leaf(a).equals(leaf(b))) {
            return 1;
        }
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 ? j : j == 0 ? i : step(a, b, d, i, j);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int step(String a, String b, int[][] d, int i, int j) {
        int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
    }

    private static String leaf(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
