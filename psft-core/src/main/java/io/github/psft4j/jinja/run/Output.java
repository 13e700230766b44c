package io.github.psft4j.jinja.run;

/** Collects text and refuses more than the limit. */
public final class Output {
    private final StringBuilder text = new StringBuilder();
    private int codePoints;

    public void append(String piece) {
        Budget.made(text.length() + (long) piece.length(), piece.length());
        text.append(piece);
        Budget.read(piece.length() >> 2);
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
