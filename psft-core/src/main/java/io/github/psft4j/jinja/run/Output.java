package io.github.psft4j.jinja.run;

/** Collects text and refuses more than the limit. */
public final class Output {
    private final RenderBudget budget;
    private final StringBuilder text = new StringBuilder();
    private int codePoints;

    public Output(RenderBudget budget) {
        this.budget = budget;
    }

    public void append(String piece) {
        budget.made(text.length() + (long) piece.length(), piece.length());
        text.append(piece);
        RenderBudget.read(piece.length() >> 2);
        codePoints += piece.codePointCount(0, piece.length());
    }

    public int codePoints() {
        return codePoints;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
