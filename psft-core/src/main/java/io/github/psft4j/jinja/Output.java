package io.github.psft4j.jinja;

/** Collects text and refuses more than the limit. */
final class Output {
    private final Run run;
    private final StringBuilder text = new StringBuilder();
    private int codePoints;

    Output(Run run) {
        this.run = run;
    }

    void append(String piece) {
        run.made(text.length() + (long) piece.length(), piece.length());
        text.append(piece);
        codePoints += Text.length(piece);
    }

    int codePoints() {
        return codePoints;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
