package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Output;
import io.github.psft4j.jinja.run.RenderBudget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.Types;
import java.util.ArrayList;
import java.util.List;

/** The statements but the loop. */
public final class Statements {
    private Statements() {}

    public record Data(String text) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            out.append(text);
            return Flow.NEXT;
        }
    }

    /** Statements in a row; without a scope of its own. */
    public record Block(List<Statement> body) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            for (Statement statement : body) {
                scope.budget().step();
                Flow flow = statement.execute(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        }
    }

    public record Print(List<Expression> values, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            try {
                for (Expression value : values) {
                    out.append(Printing.str(value.evaluate(scope)));
                }
            } catch (TemplateError e) {
                throw e.at(line);
            }
            return Flow.NEXT;
        }
    }

    public record If(List<Expression> conditions, List<Statement> bodies, Statement otherwise, int line)
            implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            try {
                for (int i = 0; i < conditions.size(); i++) {
                    if (Types.truth(conditions.get(i).evaluate(scope))) {
                        return bodies.get(i).execute(scope, out);
                    }
                }
            } catch (TemplateError e) {
                throw e.at(line);
            }
            return otherwise == null ? Flow.NEXT : otherwise.execute(scope, out);
        }
    }

    public record Set(Target target, Expression value, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            try {
                target.assign(scope, value.evaluate(scope));
            } catch (TemplateError e) {
                throw e.at(line);
            }
            return Flow.NEXT;
        }
    }

    /** {@code {% set x | filter %}text{% endset %}}. */
    public record SetBlock(Target target, Expression filters, Statement body, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            try {
                Captured captured = capture(scope, body);
                target.assign(scope, Expressions.Body.filtered(filters, scope, captured.text));
                return captured.flow;
            } catch (TemplateError e) {
                throw e.at(line);
            }
        }
    }

    public record FilterBlock(Expression filters, Statement body, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            try {
                Captured captured = capture(scope, body);
                out.append(Printing.str(Expressions.Body.filtered(filters, scope, captured.text)));
                return captured.flow;
            } catch (TemplateError e) {
                throw e.at(line);
            }
        }
    }

    private record Captured(String text, Flow flow) {}

    private static Captured capture(Scope scope, Statement body) {
        Output inner = new Output(scope.budget());
        Flow flow = body.execute(new Scope(scope), inner);
        return new Captured(inner.toString(), flow);
    }

    /**
     * {@code {% generation %}}: text of the assistant. transformers counts its start in what the template has written
     * so far; inside a macro, a call block or a recursive loop that is the text before the outermost of them.
     */
    public record Generation(Statement body, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            RenderBudget budget = scope.budget();
            String text = capture(scope, body).text;
            int start = budget.result().codePoints();
            budget.spans().add(new RenderBudget.Span(start, start + text.codePointCount(0, text.length())));
            out.append(text);
            return Flow.NEXT;
        }
    }

    public record With(List<Target> targets, List<Expression> values, Statement body, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            Scope inner = new Scope(scope);
            try {
                List<Object> evaluated = new ArrayList<>();
                for (Expression value : values) {
                    evaluated.add(value.evaluate(scope));
                }
                for (int i = 0; i < targets.size(); i++) {
                    targets.get(i).assign(inner, evaluated.get(i));
                }
            } catch (TemplateError e) {
                throw e.at(line);
            }
            return body.execute(inner, out);
        }
    }

    public record Define(Macro.Code code) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            scope.set(code.name(), new Macro(code, scope));
            return Flow.NEXT;
        }
    }

    public record CallBlock(Expressions.Call call, Macro.Code caller, int line) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            try {
                out.append(Printing.str(call.withCaller(scope, new Macro(caller, scope))));
            } catch (TemplateError e) {
                throw e.at(line);
            }
            return Flow.NEXT;
        }
    }

    /** A block for inheritance, which has nothing to inherit from: sees the outermost names only, unless scoped. */
    public record NamedBlock(Statement body, boolean scoped) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            return body.execute(new Scope(scoped ? scope : scope.root()), out);
        }
    }

    public record Jump(Flow flow) implements Statement {
        @Override
        public Flow execute(Scope scope, Output out) {
            return flow;
        }
    }
}
