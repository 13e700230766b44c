package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.Output;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Once;
import io.github.psft4j.jinja.value.Types;
import java.util.Iterator;

/** {@code {% for %}}. */
public record Loop(
        Target target, Expression items, Expression condition, boolean recursive, Statement body, Statement otherwise)
        implements Statement {

    @Override
    public Flow execute(Scope scope, Output out) {
        if (!recursive) {
            return loop(scope, out, items.evaluate(scope), 0);
        }
        out.append(buffered(scope, items.evaluate(scope), 0));
        return Flow.NEXT;
    }

    private Flow loop(Scope scope, Output out, Object values, int depth) {
        Iterator<Object> all = Iteration.of(values);
        Object source = values;
        if (condition != null) {
            Iterator<Object> unfiltered = all;
            Once filtered = Once.changing(() -> unfiltered, () -> item -> passes(scope, item) ? item : Args.ABSENT);
            all = filtered.items();
            source = filtered;
        }
        Callable recursion = recursive
                ? args -> buffered(scope, args.bind("loop", "iterable").get(0), depth + 1)
                : null;
        LoopState state = new LoopState(source, all, depth, recursion);
        Budget budget = Budget.current();
        boolean completed = false;
        while (state.hasNext()) {
            Budget.step();
            Scope inner = new Scope(scope);
            inner.set("loop", state);
            Object item = state.advance();
            int before = budget.result().codePoints();
            target.assign(inner, item);
            Flow flow = body.execute(inner, out);
            budget.passed(item, before);
            if (flow == Flow.BREAK) {
                break;
            }
            completed |= flow == Flow.NEXT; // only a body that ran to its end: break and continue do not count
        }
        return completed || otherwise == null ? Flow.NEXT : otherwise.execute(new Scope(scope), out);
    }

    private boolean passes(Scope scope, Object item) {
        Scope inner = new Scope(scope);
        target.assign(inner, item);
        return Types.truth(condition.evaluate(inner));
    }

    /** A recursive loop is a function, also where it starts: it gives its text as a whole. */
    private String buffered(Scope scope, Object values, int depth) {
        return Budget.call(inner -> loop(scope, inner, values, depth));
    }
}
