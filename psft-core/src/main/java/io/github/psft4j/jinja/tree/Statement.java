package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.Output;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** A node that writes, and the kinds of such nodes but the loop. */
public interface Statement {
    /** How a statement ended. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    Flow execute(Scope scope, Output out);

    /** This statement, whose errors name the line. */
    default Statement at(int line) {
        return (scope, out) -> TemplateError.at(line, () -> execute(scope, out));
    }

    /** A statement that always goes on to the next one. */
    private static Statement always(BiConsumer<Scope, Output> action) {
        return (scope, out) -> {
            action.accept(scope, out);
            return Flow.NEXT;
        };
    }

    static Statement data(String text) {
        return always((scope, out) -> out.append(text));
    }

    /** Statements in a row; without a scope of its own. */
    static Statement block(List<Statement> body) {
        return (scope, out) -> {
            for (Statement statement : body) {
                Budget.step();
                Flow flow = statement.execute(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }

    static Statement print(List<Expression> values) {
        return always((scope, out) -> values.forEach(value -> out.append(Printing.str(value.evaluate(scope)))));
    }

    static Statement branches(List<Expression> conditions, List<Statement> bodies, Statement otherwise) {
        return (scope, out) -> {
            for (int i = 0; i < conditions.size(); i++) {
                if (Types.truth(conditions.get(i).evaluate(scope))) {
                    return bodies.get(i).execute(scope, out);
                }
            }
            return otherwise == null ? Flow.NEXT : otherwise.execute(scope, out);
        };
    }

    static Statement set(Target target, Expression value) {
        return always((scope, out) -> target.assign(scope, value.evaluate(scope)));
    }

    /** {@code {% set x | filter %}text{% endset %}}. */
    static Statement setBlock(Target target, Expression filters, Statement body) {
        return (scope, out) -> {
            Captured captured = capture(scope, body);
            target.assign(scope, filtered(filters, scope, captured.text));
            return captured.flow;
        };
    }

    static Statement filterBlock(Expression filters, Statement body) {
        return (scope, out) -> {
            Captured captured = capture(scope, body);
            out.append(Printing.str(filtered(filters, scope, captured.text)));
            return captured.flow;
        };
    }

    /** The text that the filters of a filter block or block set start from; no template can spell its name. */
    Expression BODY = scope -> scope.get(" body");

    private static Object filtered(Expression filters, Scope scope, String text) {
        Scope inner = new Scope(scope);
        inner.set(" body", text);
        return filters.evaluate(inner);
    }

    /** The text that a body wrote, and how the body ended. */
    record Captured(String text, Flow flow) {}

    private static Captured capture(Scope scope, Statement body) {
        Output inner = new Output();
        Flow flow = body.execute(new Scope(scope), inner);
        return new Captured(inner.toString(), flow);
    }

    /**
     * {@code {% generation %}}: text of the assistant. As in transformers, its start counts in what the template has
     * written so far. Inside a macro, a call block or a recursive loop that is the text before the outermost of them.
     */
    static Statement generation(Statement body) {
        return always((scope, out) -> {
            String text = capture(scope, body).text;
            int start = Budget.current().result().codePoints();
            Budget.current().spans().add(new Budget.Span(start, start + text.codePointCount(0, text.length())));
            out.append(text);
        });
    }

    static Statement with(List<Target> targets, List<Expression> values, Statement body) {
        return (scope, out) -> {
            Scope inner = new Scope(scope);
            List<Object> evaluated = new ArrayList<>();
            values.forEach(value -> evaluated.add(value.evaluate(scope)));
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(inner, evaluated.get(i));
            }
            return body.execute(inner, out);
        };
    }

    static Statement define(Macro.Code code) {
        return always((scope, out) -> scope.set(code.name(), new Macro(code, scope)));
    }

    static Statement callBlock(Expression.Call call, Macro.Code caller) {
        return always((scope, out) -> out.append(Printing.str(call.withCaller(scope, new Macro(caller, scope)))));
    }

    /** A block for inheritance, which has nothing to inherit from: sees the outermost names only, unless scoped. */
    static Statement namedBlock(Statement body, boolean scoped) {
        return (scope, out) -> body.execute(new Scope(scoped ? scope : scope.root()), out);
    }

    static Statement jump(Flow flow) {
        return (scope, out) -> flow;
    }
}
