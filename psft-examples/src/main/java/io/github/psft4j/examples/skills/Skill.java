package io.github.psft4j.examples.skills;

import java.util.Arrays;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.BiFunction;

/**
 * The six verifiable skills of the testbed, each with a generator of random problems.
 *
 * <p>Generators draw only through {@link Random#nextInt(int)}. Its specification fixes its sequence (that of
 * {@code ints} is not fixed). So a seed means the same corpus on every JDK.
 */
public enum Skill {
    /** {@code A17+58=}; the work is the sum of the ones and the tens with the carry. */
    ADD("addition", (skill, random) -> {
        int a = random.nextInt(100);
        int b = random.nextInt(100);
        int ones = a % 10 + b % 10;
        int tens = a / 10 + b / 10 + ones / 10;
        return new Problem(skill, "A" + a + "+" + b + "=", ones + "," + tens, String.valueOf(a + b));
    }),
    /** {@code D58-17=}, larger number first; the work is the tens digits of both. */
    SUBTRACT("subtraction", (skill, random) -> {
        int first = random.nextInt(100);
        int second = random.nextInt(100);
        int a = Math.max(first, second);
        int b = Math.min(first, second);
        return new Problem(skill, "D" + a + "-" + b + "=", a / 10 + "," + b / 10, String.valueOf(a - b));
    }),
    /** {@code Rabc=}: three to six letters backwards; the work is their number. */
    REVERSE("reversal", (skill, random) -> {
        String word = word(random, "abcdefghij", 3, 6);
        return new Problem(skill, "R" + word + "=", String.valueOf(word.length()), reversed(word));
    }),
    /** {@code Scab=}: three to six letters in order; the work is the first of them. */
    SORT("sorting", (skill, random) -> {
        String word = word(random, "abcdefghij", 3, 6);
        char[] letters = word.toCharArray();
        Arrays.sort(letters);
        return new Problem(skill, "S" + word + "=", String.valueOf(letters[0]), new String(letters));
    }),
    /** {@code M17,58,3=}: the largest of three or four numbers below 100; the work is how many there are. */
    MAX("maximum", (skill, random) -> {
        int size = 3 + random.nextInt(2);
        StringJoiner list = new StringJoiner(",", "M", "=");
        int largest = 0;
        for (int i = 0; i < size; i++) {
            int number = random.nextInt(100);
            list.add(String.valueOf(number));
            largest = Math.max(largest, number);
        }
        return new Problem(skill, list.toString(), String.valueOf(size), String.valueOf(largest));
    }),
    /** {@code Ca|abac=}: how often a letter occurs among three to seven; the work is the length. */
    COUNT("counting", (skill, random) -> {
        char letter = word(random, "abc", 1, 1).charAt(0);
        String word = word(random, "abc", 3, 7);
        long count = word.chars().filter(c -> c == letter).count();
        return new Problem(
                skill, "C" + letter + "|" + word + "=", String.valueOf(word.length()), String.valueOf(count));
    });

    private final String label;
    private final BiFunction<Skill, Random, Problem> generator;

    Skill(String label, BiFunction<Skill, Random, Problem> generator) {
        this.label = label;
        this.generator = generator;
    }

    /** The name used in tables and plots. */
    public String label() {
        return label;
    }

    /** Draws one problem; the same state of {@code random} gives the same problem. */
    public Problem problem(Random random) {
        return generator.apply(this, random);
    }

    private static String word(Random random, String letters, int minLength, int maxLength) {
        int length = minLength + random.nextInt(maxLength - minLength + 1);
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append(letters.charAt(random.nextInt(letters.length())));
        }
        return word.toString();
    }

    private static String reversed(String word) {
        return new StringBuilder(word).reverse().toString();
    }
}
