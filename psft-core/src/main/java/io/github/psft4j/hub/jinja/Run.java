package io.github.psft4j.hub.jinja;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** One rendering: the clock, the result so far and what has been used of the limits. */
final class Run {
    /** Where generated text lies, in code points of the result, as transformers counts. */
    record Span(int start, int end) {}

    private final Limits limits;
    private final Clock clock;
    private final Output result = new Output(this);
    private final List<Span> spans = new ArrayList<>();
    private long steps;
    private long characters;
    private int depth;

    Run(Limits limits, Clock clock) {
        this.limits = limits;
        this.clock = clock;
    }

    Clock clock() {
        return clock;
    }

    Output result() {
        return result;
    }

    List<Span> spans() {
        return spans;
    }

    void step() {
        if (++steps > limits.steps()) {
            throw TemplateException.of("the template takes more than " + limits.steps() + " steps: does it loop?");
        }
    }

    /**
     * To be called before a string or list is made.
     *
     * @param length of the whole
     * @param added  how much of it is new
     */
    void made(long length, long added) {
        characters += added;
        if (length > limits.textLength() || characters > limits.characters()) {
            throw TemplateException.of("the template makes more text than allowed: " + limits.textLength()
                    + " characters at once, " + limits.characters() + " in total");
        }
    }

    void made(long length) {
        made(length, length);
    }

    void enter() {
        if (++depth > limits.depth()) {
            throw TemplateException.of("calls nested more than " + limits.depth() + " deep: does a macro call itself?");
        }
    }

    void leave() {
        depth--;
    }
}
