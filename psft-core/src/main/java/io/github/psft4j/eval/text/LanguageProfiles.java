package io.github.psft4j.eval.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often each language has an n-gram of up to three characters, by the profiles of Nakatani Shuyo's
 * language-detection (Apache-2.0), which {@code psft-examples/peer/text_models.py} reads.
 */
final class LanguageProfiles {

    /** Added to every frequency, so that an n-gram that a language was not seen with does not exclude it. */
    private static final double UNSEEN = 0.5 / 10_000;

    private static final LanguageProfiles INSTANCE = new LanguageProfiles("language-profiles.tsv");

    final List<String> names = new ArrayList<>();
    private final List<double[]> totals = new ArrayList<>();
    private final Map<Integer, Integer> same = new HashMap<>();
    private final long[] grams;
    private final byte[][] languages;
    private final float[][] weights;

    private LanguageProfiles(String name) {
        TreeMap<Long, String[]> rows = new TreeMap<>();
        TextTable.read(name, fields -> {
            switch (fields[0]) {
                case "language" -> {
                    names.add(fields[1]);
                    totals.add(Arrays.stream(fields[2].split(" "))
                            .mapToDouble(Double::parseDouble)
                            .toArray());
                }
                case "same" -> fields[1].codePoints().forEach(c -> same.put(c, fields[1].codePointAt(0)));
                case "gram" -> rows.put(key(fields[1]), fields);
                default -> throw new IllegalStateException(name + ": " + fields[0]);
            }
        });
        grams = new long[rows.size()];
        languages = new byte[rows.size()][];
        weights = new float[rows.size()][];
        int row = 0;
        for (Map.Entry<Long, String[]> entry : rows.entrySet()) {
            String[] counts = entry.getValue()[2].split(" ");
            int length = entry.getValue()[1].length();
            grams[row] = entry.getKey();
            languages[row] = new byte[counts.length];
            weights[row] = new float[counts.length];
            for (int i = 0; i < counts.length; i++) {
                int colon = counts[i].indexOf(':');
                int language = Integer.parseInt(counts[i].substring(0, colon));
                double frequency = Long.parseLong(counts[i].substring(colon + 1)) / totals.get(language)[length - 1];
                languages[row][i] = (byte) language;
                weights[row][i] = (float) Math.log1p(frequency / UNSEEN);
            }
            row++;
        }
    }

    static LanguageProfiles all() {
        return INSTANCE;
    }

    /** The ideograph that stands for one in the profiles. */
    int representative(int ideograph) {
        return same.getOrDefault(ideograph, ideograph);
    }

    /** The key of an n-gram: its code points, 21 bits each. */
    static long key(String gram) {
        return gram.codePoints().mapToLong(c -> c).reduce(0, (key, c) -> key << 21 | c);
    }

    /**
     * Adds the log-likelihood ratio of an n-gram, against a language that was never seen with it, to each language.
     *
     * @param sums one for each language
     * @return whether a language was seen with it
     */
    boolean add(long gram, double[] sums) {
        int row = Arrays.binarySearch(grams, gram);
        if (row < 0) {
            return false;
        }
        for (int i = 0; i < languages[row].length; i++) {
            sums[languages[row][i]] += weights[row][i];
        }
        return true;
    }
}
