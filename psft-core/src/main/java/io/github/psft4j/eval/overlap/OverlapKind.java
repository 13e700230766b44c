package io.github.psft4j.eval.overlap;

/** How a text of the evaluation data can be found in the training data. Case and signs never count. */
public enum OverlapKind {
    /**
     * A text of a training row holds the whole text; below eight words it must be the whole text of the row. Texts
     * below three words are not compared.
     */
    EXACT("the whole text"),

    /** A training row has 13 words in a row of the text, as GPT-3 (arXiv 2005.14165) and lm-eval define it. */
    THIRTEEN_WORDS("13 words in a row"),

    /** Runs of 8 words or more, of one training row, cover half of the text, as open-instruct defines it. */
    EIGHT_WORDS("half of the words, in runs of 8 and more"),

    /** A training row has 50 characters in a row of the text. */
    FIFTY_CHARACTERS("50 characters in a row");

    private final String words;

    OverlapKind(String words) {
        this.words = words;
    }

    /** What is shared, for a table. */
    public String words() {
        return words;
    }
}
