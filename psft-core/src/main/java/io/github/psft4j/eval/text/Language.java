package io.github.psft4j.eval.text;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Names the language of a text: the likeliest of 55, if n-grams of one to three characters were drawn independently.
 *
 * <p>Method and profiles are those of Nakatani Shuyo's language-detection, which Python's {@code langdetect} has, too.
 * That one draws n-grams at random until it is sure. Here all of them count, so a text always has the same answer.
 * Texts in capitals only, texts of a few words and close relatives, such as Danish and Norwegian, are often mistaken.
 */
public final class Language {

    private static final Pattern ADDRESS = Pattern.compile("https?://[-_.?&~;+=/#0-9A-Za-z]{1,2076}");
    private static final Pattern MAIL =
            Pattern.compile("[-_.0-9A-Za-z]{1,64}@[-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255}");

    /** A Vietnamese letter and its mark of tone, which the profiles have as one character. */
    private static final Pattern TONED = Pattern.compile("[AEIOUYaeiouy\u00c2\u00ca\u00d4\u00e2\u00ea\u00f4\u0102"
            + "\u0103\u01a0\u01a1\u01af\u01b0][\u0300\u0301\u0303\u0309\u0323]");

    private static final int MOST_CHARACTERS = 10_000;

    private static final LanguageProfiles PROFILES = LanguageProfiles.all();

    private Language() {}

    /**
     * The language of a text, of which the first 10,000 characters are read.
     *
     * @return its ISO 639-1 code, {@code zh-cn} or {@code zh-tw}; empty if no character tells a language, as in
     *     {@code 12:30}
     */
    public static Optional<String> of(String text) {
        double[] sums = new double[PROFILES.names.size()];
        if (!add(withoutForeignLatin(prepared(text)), sums)) {
            return Optional.empty();
        }
        int best = 0;
        for (int i = 1; i < sums.length; i++) {
            best = sums[i] > sums[best] ? i : best;
        }
        return Optional.of(PROFILES.names.get(best));
    }

    /** The codes of the languages that can be told. */
    public static List<String> codes() {
        return List.copyOf(PROFILES.names);
    }

    private static int[] prepared(String text) {
        String plain = ADDRESS.matcher(text).replaceAll(" ");
        plain = MAIL.matcher(plain).replaceAll(" ");
        plain = TONED.matcher(plain)
                .replaceAll((MatchResult m) -> Normalizer.normalize(m.group(), Normalizer.Form.NFC));
        return plain.codePoints().limit(MOST_CHARACTERS).toArray();
    }

    /** Latin letters inside a text of another script are names and quotations. */
    private static int[] withoutForeignLatin(int[] text) {
        long latin = count(text, 'A', 'z');
        long other = count(text, 0x300, Character.MAX_CODE_POINT);
        return 2 * latin < other
                ? Arrays.stream(text).filter(c -> c < 'A' || c > 'z').toArray()
                : text;
    }

    private static long count(int[] text, int from, int to) {
        return Arrays.stream(text).filter(c -> c >= from && c <= to).count();
    }

    /** Adds every n-gram, but for those inside words of capitals; a word begins and ends with a space. */
    private static boolean add(int[] text, double[] sums) {
        boolean any = false;
        long gram = ' ';
        int length = 1;
        int last = ' ';
        boolean capitals = false;
        for (int c : text) {
            int ch = normal(c);
            if (last == ' ') {
                gram = ' ';
                length = 1;
                capitals = false;
                if (ch == ' ') {
                    continue;
                }
            }
            gram = (gram << 21 | ch) & (1L << 63) - 1;
            length = Math.min(3, length + 1);
            capitals = Character.isUpperCase(ch) && (capitals || Character.isUpperCase(last));
            last = ch;
            if (!capitals) {
                for (int n = 1; n <= length; n++) {
                    long part = n == 3 ? gram : gram & (1L << 21 * n) - 1;
                    any |= part != ' ' && PROFILES.add(part, sums);
                }
            }
        }
        return any;
    }

    /** The character that stands for one in the profiles: a space for a sign, one letter for a whole syllabary. */
    private static int normal(int c) {
        if (c < 0x80) {
            return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' ? c : ' ';
        }
        if (c == 0xa0 || c == 0xab || c == 0xb0 || c == 0xbb || c >= 0x2000 && c < 0x2070) {
            return ' ';
        }
        if (c >= 0x1ea0 && c < 0x1f00) {
            return 0x1ec3;
        }
        if (c >= 0x3040 && c < 0x30a0) {
            return 0x3042;
        }
        if (c >= 0x30a0 && c < 0x3100) {
            return 0x30a2;
        }
        if (c >= 0x3100 && c < 0x3130 || c >= 0x31a0 && c < 0x31c0) {
            return 0x3105;
        }
        if (c >= 0xac00 && c < 0xd7b0) {
            return 0xac00;
        }
        return switch (c) {
            case 0x219 -> 0x15f;
            case 0x21b -> 0x163;
            case 0x6cc -> 0x64a;
            default -> c >= 0x4e00 && c < 0xa000 ? PROFILES.representative(c) : c;
        };
    }
}
