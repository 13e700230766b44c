package io.github.psft4j.jinja.run;

import java.time.Clock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One rendering: the clock, the result so far and what it has used of its limits. Whatever compares, prints, searches
 * or makes values charges the rendering of its thread. In a thread that renders nothing, charges cost nothing.
 */
public final class Budget {
    /** Start and end of generated text in the result, in code points, as transformers counts. */
    public record Span(int start, int end) {}

    /** Characters that may be read for one step. */
    private static final int STEP = 64;

    /** Cost of one node of an expression, in characters. */
    private static final int NODE = 16;

    /** Memory of an element of a list with what it refers to, in characters. */
    private static final int ELEMENT = 16;

    private static final ThreadLocal<Budget> CURRENT = new ThreadLocal<>();

    private final long steps;
    private final long textLength;
    private final long characterLimit;
    private final int maxDepth;
    private final Clock clock;
    private final Output result = new Output();
    private final List<Span> spans = new ArrayList<>();
    private final Map<Object, Integer> traced = new IdentityHashMap<>();
    private final Map<Integer, Span> passes = new TreeMap<>();
    private final long work;
    private long worked;
    private long characters;
    private int depth;

    public Budget(long steps, long textLength, long characterLimit, int maxDepth, Clock clock) {
        this.steps = steps;
        this.textLength = textLength;
        this.characterLimit = characterLimit;
        this.maxDepth = maxDepth;
        this.clock = clock;
        this.work = Math.multiplyExact(steps, STEP);
    }

    /** Runs a rendering on this thread. */
    public <T> T with(Supplier<T> body) {
        Budget outer = CURRENT.get();
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

    /** @return the rendering of this thread, null if there is none */
    public static Budget current() {
        return CURRENT.get();
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

    /** Asks for the parts of the result that loops write in their passes over these objects. */
    public void trace(List<?> items) {
        for (int i = 0; i < items.size(); i++) {
            traced.put(items.get(i), i);
        }
    }

    /**
     * Call this behind the pass of a loop over an item.
     *
     * @param from code points of the result before the pass
     */
    public void passed(Object item, int from) {
        Integer index = traced.isEmpty() ? null : traced.get(item);
        int to = result.codePoints();
        if (index != null && to > from) {
            // Two loops that both write of an item: no part is the item's.
            passes.put(index, passes.containsKey(index) ? null : new Span(from, to));
        }
    }

    /** Parts by the index of the traced object; null for one that several passes wrote of. */
    public Map<Integer, Span> passes() {
        return passes;
    }

    /** Call this for every statement and call, and where an element of a value is visited. */
    public static void step() {
        read(STEP);
    }

    /** Call this for every node of an expression that has a cost of its own. */
    public static void node() {
        read(NODE);
    }

    /**
     * Call this where characters are read.
     *
     * @param characters read, or as many as could be read in the same time
     */
    public static void read(long characters) {
        Budget budget = CURRENT.get();
        if (budget == null) {
            return;
        }
        budget.worked += characters;
        if (budget.worked > budget.work) {
            throw TemplateError.of("the template takes more than " + budget.steps + " steps: does it loop?");
        }
    }

    /**
     * Call this before a list or dict is made.
     *
     * @param size of the whole
     * @param added how many elements are new
     */
    public static void listed(long size, long added) {
        made(4 * size, ELEMENT * added);
    }

    public static void listed(long size) {
        listed(size, size);
    }

    /**
     * Call this before a string is made.
     *
     * @param length of the whole
     * @param added how much of it is new
     */
    public static void made(long length, long added) {
        Budget budget = CURRENT.get();
        if (budget == null) {
            return;
        }
        budget.characters += added;
        if (length > budget.textLength || budget.characters > budget.characterLimit) {
            throw TemplateError.of("the template makes more text than allowed: " + budget.textLength
                    + " characters at once, " + budget.characterLimit + " in total");
        }
    }

    public static void made(long length) {
        made(length, length);
    }

    /** Runs the body of a macro, a recursive loop or a block: a call inside other calls. */
    public static String call(Consumer<Output> body) {
        Budget budget = CURRENT.get();
        if (++budget.depth > budget.maxDepth) {
            throw TemplateError.of("calls nested more than " + budget.maxDepth + " deep: does a macro call itself?");
        }
        Output out = new Output();
        body.accept(out);
        budget.depth--;
        return out.toString();
    }
}
