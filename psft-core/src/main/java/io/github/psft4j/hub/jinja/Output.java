package io.github.psft4j.hub.jinja;

/** Collects text and refuses more than the limit. */
final class Output {
    private final Run run;
    private final StringBuilder text = new StringBuilder();

    Output(Run run) {
        this.run = run;
    }

    void append(String piece) {
        run.made(text.length() + (long) piece.length(), piece.length());
        text.append(piece);
    }

    int length() {
        return text.length();
    }

    int codePoints() {
        return Character.codePointCount(text, 0, text.length());
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
