package io.github.psft4j.jinja.run;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One rendering: the clock, the result so far and what it has used of its limits. Helpers deep inside compare, print
 * and search values without knowing the rendering; they charge the rendering of the calling thread.
 */
public final class RenderBudget {
    /** Start and end of generated text in the result, in code points, as transformers counts. */
    public record Span(int start, int end) {}

    /** Characters that may be read for one step. */
    private static final int STEP = 64;

    /** Cost of one node of an expression, in characters. */
    private static final int NODE = 16;

    /** Memory of an element of a list with what it refers to, in characters. */
    private static final int ELEMENT = 16;

    private static final ThreadLocal<RenderBudget> CURRENT = new ThreadLocal<>();

    private final long steps;
    private final long textLength;
    private final long characterLimit;
    private final int maxDepth;
    private final Clock clock;
    private final Output result = new Output(this);
    private final List<Span> spans = new ArrayList<>();
    private final long work;
    private long worked;
    private long characters;
    private int depth;

    public RenderBudget(long steps, long textLength, long characterLimit, int maxDepth, Clock clock) {
        this.steps = steps;
        this.textLength = textLength;
        this.characterLimit = characterLimit;
        this.maxDepth = maxDepth;
        this.clock = clock;
        this.work = Math.multiplyExact(steps, STEP);
    }

    /** Runs a rendering on this thread. */
    public <T> T with(Supplier<T> body) {
        RenderBudget outer = CURRENT.get();
        CURRENT.set(this);
        try {
            return body.get();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    public Clock clock() {
        return clock;
    }

    public Output result() {
        return result;
    }

    public List<Span> spans() {
        return spans;
    }

    public void step() {
        work(STEP);
    }

    /** Call this for every node of an expression that has a cost of its own. */
    public void node() {
        work(NODE);
    }

    private void work(long characters) {
        worked += characters;
        if (worked > work) {
            throw TemplateError.of("the template takes more than " + steps + " steps: does it loop?");
        }
    }

    /** Call this where an element of a value is visited, in a thread that may or may not render. */
    public static void visit() {
        read(STEP);
    }

    /**
     * Call this where characters are read.
     *
     * @param characters read, or as many as could be read in the same time
     */
    public static void read(long characters) {
        RenderBudget budget = CURRENT.get();
        if (budget != null) {
            budget.work(characters);
        }
    }

    /** Calls {@link #made(long)} on the budget of the current rendering, if there is one. */
    public static void wrote(long length) {
        RenderBudget budget = CURRENT.get();
        if (budget != null) {
            budget.made(length);
        }
    }

    /** Call this before elements are added to a list of that size. */
    public static void collected(long size, long added) {
        RenderBudget budget = CURRENT.get();
        if (budget != null) {
            budget.listed(size, added);
        }
    }

    /**
     * Call this before a list or dict is made.
     *
     * @param size of the whole
     * @param added how many elements are new
     */
    public void listed(long size, long added) {
        made(4 * size, ELEMENT * added);
    }

    public void listed(long size) {
        listed(size, size);
    }

    /**
     * Call this before a string is made.
     *
     * @param length of the whole
     * @param added how much of it is new
     */
    public void made(long length, long added) {
        characters += added;
        if (length > textLength || characters > characterLimit) {
            throw TemplateError.of("the template makes more text than allowed: " + textLength + " characters at once, "
                    + characterLimit + " in total");
        }
    }

    public void made(long length) {
        made(length, length);
    }

    public void enter() {
        if (++depth > maxDepth) {
            throw TemplateError.of("calls nested more than " + maxDepth + " deep: does a macro call itself?");
        }
    }

    public void leave() {
        depth--;
    }
}
