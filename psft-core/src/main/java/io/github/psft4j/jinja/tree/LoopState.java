package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonObject;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The variable {@code loop}. */
final class LoopState implements Callable, PythonObject {
    private final Object source;
    private final int depth0;
    private final Callable recursion;
    private Iterator<Object> items;
    private long index0 = -1;
    private long length = -1;
    private Object before = Args.ABSENT;
    private Object item = Args.ABSENT;
    private Object after = Args.ABSENT;
    private Tuple changed;

    LoopState(Object source, Iterator<Object> items, int depth0, Callable recursion) {
        this.source = source;
        this.items = items;
        this.depth0 = depth0;
        this.recursion = recursion;
    }

    boolean hasNext() {
        return after != Args.ABSENT || items.hasNext();
    }

    Object advance() {
        Object next = after != Args.ABSENT ? after : items.next();
        after = Args.ABSENT;
        index0++;
        before = item;
        item = next;
        return next;
    }

    @Override
    public Object member(String name) {
        return switch (name) {
            case "index" -> index0 + 1;
            case "index0" -> index0;
            case "first" -> index0 == 0;
            case "last" -> peek() == Args.ABSENT;
            case "length" -> count();
            case "revindex" -> count() - index0;
            case "revindex0" -> count() - index0 - 1;
            case "depth" -> depth0 + 1L;
            case "depth0" -> (long) depth0;
            case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
            case "nextitem" -> peek() == Args.ABSENT ? new Undefined("there is no next item") : peek();
            case "cycle" -> new NamedFunction("cycle", args -> cycle(args));
            case "changed" -> new NamedFunction("changed", args -> changed(args));
            default -> Args.ABSENT;
        };
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    @Override
    public String repr() {
        return "<LoopContext " + (index0 + 1) + "/" + count() + ">";
    }

    @Override
    public int length() {
        return (int) count();
    }

    private long count() {
        if (length < 0) {
            if (source instanceof Once) {
                List<Object> rest = new ArrayList<>();
                items.forEachRemaining(next -> {
                    Budget.step();
                    Budget.listed(rest.size(), 1);
                    rest.add(next);
                });
                items = rest.iterator();
                length = rest.size() + index0 + 1 + (after == Args.ABSENT ? 0 : 1);
            } else {
                length = Iteration.length(source);
            }
        }
        return length;
    }

    private Object peek() {
        if (after == Args.ABSENT && items.hasNext()) {
            after = items.next();
        }
        return after;
    }

    private Object cycle(Args args) {
        TemplateError.when(args.positional().isEmpty(), "no items for cycling given");
        return args.positional().get((int) (index0 % args.positional().size()));
    }

    private Object changed(Args args) {
        Tuple now = new Tuple(args.positional());
        boolean different = changed == null || !PythonComparison.equal(changed, now);
        changed = now;
        return different;
    }

    /** {@code loop(children)} in a recursive loop. */
    @Override
    public Object call(Args args) {
        TemplateError.when(recursion == null, "The loop must have the 'recursive' marker to be called recursively.");
        return recursion.call(args);
    }
}
