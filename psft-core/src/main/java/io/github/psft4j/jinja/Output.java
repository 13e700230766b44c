package io.github.psft4j.jinja;

/** Collects text and refuses more than the limit. */
final class Output {
    private final RenderBudget budget;
    private final StringBuilder text = new StringBuilder();
    private int codePoints;

    Output(RenderBudget budget) {
        this.budget = budget;
    }

    void append(String piece) {
        budget.made(text.length() + (long) piece.length(), piece.length());
        text.append(piece);
        RenderBudget.read(piece.length() >> 2);
        codePoints += piece.codePointCount(0, piece.length());
    }

    int codePoints() {
        return codePoints;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
