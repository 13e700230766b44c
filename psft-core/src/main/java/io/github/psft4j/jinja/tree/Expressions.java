package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.builtin.Filters;
import io.github.psft4j.jinja.builtin.Tests;
import io.github.psft4j.jinja.operator.Access;
import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.operator.Slicing;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The expressions. */
public final class Expressions {
    private Expressions() {}

    public record Literal(Object value) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().node();
            return value;
        }
    }

    public record Name(String name) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().node();
            return scope.get(name);
        }
    }

    public record ListOf(List<Expression> items) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return all(items, scope);
        }
    }

    public record TupleOf(List<Expression> items) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return new Tuple(all(items, scope));
        }
    }

    public record DictOf(List<Expression> keys, List<Expression> values) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().listed(2L * keys.size());
            Map<Object, Object> dict = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Dicts.put(dict, keys.get(i).evaluate(scope), values.get(i).evaluate(scope));
            }
            return dict;
        }
    }

    private static List<Object> all(List<Expression> expressions, Scope scope) {
        scope.budget().listed(expressions.size());
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(expression.evaluate(scope));
        }
        return values;
    }

    public record Attribute(Expression owner, String name) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = owner.evaluate(scope);
            scope.budget().node();
            return Access.attribute(value, name);
        }
    }

    public record Item(Expression owner, Expression key) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = owner.evaluate(scope);
            scope.budget().node();
            return Access.item(value, key.evaluate(scope));
        }
    }

    /** {@code owner[start:stop:step]}; a bound left out is null. */
    public record Slice(Expression owner, Expression start, Expression stop, Expression step) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = owner.evaluate(scope);
            return Slicing.slice(scope.budget(), value, bound(start, scope), bound(stop, scope), bound(step, scope));
        }

        private static Object bound(Expression bound, Scope scope) {
            return bound == null ? null : bound.evaluate(scope);
        }
    }

    /** Arguments as written; spread and namedSpread stand behind {@code *} and {@code **}, or are null. */
    public record Arguments(
            List<Expression> positional, Map<String, Expression> named, Expression spread, Expression namedSpread) {
        public static final Arguments NONE = new Arguments(List.of(), Map.of(), null, null);

        public static Arguments of(Expression single) {
            return new Arguments(List.of(single), Map.of(), null, null);
        }

        Args evaluate(Scope scope) {
            if (positional.isEmpty() && named.isEmpty() && spread == null && namedSpread == null) {
                return Args.NONE;
            }
            List<Object> values = all(positional, scope);
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, value) -> byName.put(name, value.evaluate(scope)));
            if (spread != null) {
                values.addAll(Iteration.list(scope.budget(), spread.evaluate(scope)));
            }
            if (namedSpread != null) {
                if (!(namedSpread.evaluate(scope) instanceof Map<?, ?> more)) {
                    throw TemplateError.of("argument after ** must be a mapping");
                }
                scope.budget().listed(2L * more.size());
                more.forEach((name, value) -> {
                    if (!(name instanceof String key) || byName.putIfAbsent(key, value) != null) {
                        throw TemplateError.of("invalid or repeated keyword argument " + Printing.repr(name));
                    }
                });
            }
            return new Args(values, byName);
        }
    }

    public record Call(Expression callee, Arguments arguments, int line) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return call(scope, callee.evaluate(scope), arguments.evaluate(scope));
        }

        Object withCaller(Scope scope, Macro caller) {
            Object function = callee.evaluate(scope);
            Args args = arguments.evaluate(scope);
            Map<String, Object> named = new LinkedHashMap<>(args.named());
            named.put("caller", caller);
            return call(scope, function, new Args(args.positional(), named));
        }

        private Object call(Scope scope, Object function, Args args) {
            scope.budget().step();
            try {
                if (function instanceof Callable callable) {
                    return callable.call(scope.budget(), args);
                }
                throw function instanceof Undefined undefined
                        ? undefined.error()
                        : TemplateError.of("'" + Types.name(function) + "' object is not callable");
            } catch (TemplateError e) {
                throw e.at(line);
            }
        }
    }

    public record Filter(Expression value, String name, Arguments arguments, int line) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object input = value.evaluate(scope);
            scope.budget().step();
            try {
                return Filters.apply(scope.budget(), name, input, arguments.evaluate(scope));
            } catch (TemplateError e) {
                throw e.at(line);
            }
        }
    }

    /** The text that the filters of a filter block or block set start from. */
    public record Body() implements Expression {
        private static final String NAME = " body"; // no template can spell it

        @Override
        public Object evaluate(Scope scope) {
            return scope.get(NAME);
        }

        static Object filtered(Expression filters, Scope scope, String text) {
            Scope inner = new Scope(scope);
            inner.set(NAME, text);
            return filters.evaluate(inner);
        }
    }

    public record Test(Expression value, String name, Arguments arguments, int line) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object input = value.evaluate(scope);
            scope.budget().step();
            try {
                return Tests.apply(scope.budget(), name, input, arguments.evaluate(scope));
            } catch (TemplateError e) {
                throw e.at(line);
            }
        }
    }

    public record Conditional(Expression condition, Expression value, Expression otherwise, int line)
            implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            if (Types.truth(condition.evaluate(scope))) {
                return value.evaluate(scope);
            }
            return otherwise != null
                    ? otherwise.evaluate(scope)
                    : Undefined.hint("the inline if-expression on line " + line
                            + " evaluated to false and no else section was defined.");
        }
    }

    /** The left value if it is true, as in Python, not a bool. */
    public record Or(Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = left.evaluate(scope);
            return Types.truth(value) ? value : right.evaluate(scope);
        }
    }

    public record And(Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = left.evaluate(scope);
            return Types.truth(value) ? right.evaluate(scope) : value;
        }
    }

    public record Not(Expression operand) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = operand.evaluate(scope);
            scope.budget().node();
            return !Types.truth(value);
        }
    }

    /** A chain: {@code a < b <= c} is {@code a < b and b <= c} with b evaluated once. */
    public record Compare(Expression first, List<String> operators, List<Expression> operands) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object left = first.evaluate(scope);
            for (int i = 0; i < operators.size(); i++) {
                Object right = operands.get(i).evaluate(scope);
                if (!PythonComparison.holds(scope.budget(), operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    public record Concat(List<Expression> parts) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            StringBuilder text = new StringBuilder();
            for (Expression part : parts) {
                String piece = Printing.str(part.evaluate(scope));
                scope.budget().made(text.length() + (long) piece.length(), piece.length());
                text.append(piece);
            }
            return text.toString();
        }
    }

    public record Binary(String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object a = left.evaluate(scope);
            scope.budget().node();
            return Arithmetic.binary(scope.budget(), operator, a, right.evaluate(scope));
        }
    }

    public record Unary(boolean negative, Expression operand) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = operand.evaluate(scope);
            scope.budget().node();
            return Arithmetic.unary(negative, value);
        }
    }
}
