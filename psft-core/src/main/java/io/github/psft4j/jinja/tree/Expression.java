package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.builtin.Filters;
import io.github.psft4j.jinja.builtin.Tests;
import io.github.psft4j.jinja.operator.Access;
import io.github.psft4j.jinja.operator.Arithmetic;
import io.github.psft4j.jinja.operator.Slicing;
import io.github.psft4j.jinja.run.Budget;
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
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** A node that has a value, and the kinds of such nodes. */
public interface Expression {
    Object evaluate(Scope scope);

    static Expression literal(Object value) {
        return scope -> {
            Budget.node();
            return value;
        };
    }

    static Expression name(String name) {
        return scope -> {
            Budget.node();
            return scope.get(name);
        };
    }

    static Expression list(List<Expression> items) {
        return scope -> all(items, scope);
    }

    static Expression tuple(List<Expression> items) {
        return scope -> new Tuple(all(items, scope));
    }

    static Expression dict(List<Expression> keys, List<Expression> values) {
        return scope -> {
            Budget.listed(2L * keys.size());
            Map<Object, Object> dict = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Dicts.put(dict, keys.get(i).evaluate(scope), values.get(i).evaluate(scope));
            }
            return dict;
        };
    }

    private static List<Object> all(List<Expression> expressions, Scope scope) {
        Budget.listed(expressions.size());
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(expression.evaluate(scope));
        }
        return values;
    }

    /** What is made of the value of an operand: a node with a cost of its own. */
    private static Expression on(Expression operand, BiFunction<Object, Scope, Object> result) {
        return scope -> {
            Object value = operand.evaluate(scope);
            Budget.node();
            return result.apply(value, scope);
        };
    }

    static Expression attribute(Expression owner, String name) {
        return on(owner, (value, scope) -> Access.attribute(value, name));
    }

    static Expression item(Expression owner, Expression key) {
        return on(owner, (value, scope) -> Access.item(value, key.evaluate(scope)));
    }

    /** {@code owner[start:stop:step]}; a bound left out is null. */
    static Expression slice(Expression owner, Expression start, Expression stop, Expression step) {
        return scope -> {
            Object value = owner.evaluate(scope);
            Object[] bounds = Stream.of(start, stop, step)
                    .map(bound -> bound == null ? null : bound.evaluate(scope))
                    .toArray();
            return Slicing.slice(value, bounds[0], bounds[1], bounds[2]);
        };
    }

    /** Arguments as written; spread and namedSpread stand behind {@code *} and {@code **}, or are null. */
    record Arguments(
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
                values.addAll(Iteration.list(spread.evaluate(scope)));
            }
            if (namedSpread != null) {
                if (!(namedSpread.evaluate(scope) instanceof Map<?, ?> more)) {
                    throw TemplateError.of("argument after ** must be a mapping");
                }
                Budget.listed(2L * more.size());
                more.forEach((name, value) -> {
                    if (!(name instanceof String key) || byName.putIfAbsent(key, value) != null) {
                        throw TemplateError.of("invalid or repeated keyword argument " + Printing.repr(name));
                    }
                });
            }
            return new Args(values, byName);
        }
    }

    record Call(Expression callee, Arguments arguments, int line) implements Expression {
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
            Budget.step();
            return TemplateError.at(line, () -> {
                if (function instanceof Callable callable) {
                    return callable.call(args);
                }
                throw Undefined.error(function, "'" + Types.name(function) + "' object is not callable");
            });
        }
    }

    static Expression filter(Expression value, String name, Arguments arguments, int line) {
        return scope -> {
            Object input = value.evaluate(scope);
            Budget.step();
            return TemplateError.at(line, () -> Filters.apply(name, input, arguments.evaluate(scope)));
        };
    }

    static Expression test(Expression value, String name, Arguments arguments, int line) {
        return scope -> {
            Object input = value.evaluate(scope);
            Budget.step();
            return TemplateError.at(line, () -> Tests.apply(name, input, arguments.evaluate(scope)));
        };
    }

    static Expression conditional(Expression condition, Expression value, Expression otherwise, int line) {
        return scope -> {
            if (Types.truth(condition.evaluate(scope))) {
                return value.evaluate(scope);
            }
            return otherwise != null
                    ? otherwise.evaluate(scope)
                    : new Undefined("the inline if-expression on line " + line
                            + " evaluated to false and no else section was defined.");
        };
    }

    /** The left value if it is true, as in Python, not a bool. */
    static Expression or(Expression left, Expression right) {
        return scope -> {
            Object value = left.evaluate(scope);
            return Types.truth(value) ? value : right.evaluate(scope);
        };
    }

    static Expression and(Expression left, Expression right) {
        return scope -> {
            Object value = left.evaluate(scope);
            return Types.truth(value) ? right.evaluate(scope) : value;
        };
    }

    static Expression not(Expression operand) {
        return on(operand, (value, scope) -> !Types.truth(value));
    }

    /** A chain: {@code a < b <= c} is {@code a < b and b <= c} with b evaluated once. */
    static Expression compare(Expression first, List<String> operators, List<Expression> operands) {
        return scope -> {
            Object left = first.evaluate(scope);
            for (int i = 0; i < operators.size(); i++) {
                Object right = operands.get(i).evaluate(scope);
                if (!PythonComparison.holds(operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        };
    }

    static Expression concat(List<Expression> parts) {
        return scope -> {
            StringBuilder text = new StringBuilder();
            for (Expression part : parts) {
                String piece = Printing.str(part.evaluate(scope));
                Budget.made(text.length() + (long) piece.length(), piece.length());
                text.append(piece);
            }
            return text.toString();
        };
    }

    static Expression binary(String operator, Expression left, Expression right) {
        return on(left, (value, scope) -> Arithmetic.binary(operator, value, right.evaluate(scope)));
    }

    static Expression unary(boolean negative, Expression operand) {
        return on(operand, (value, scope) -> Arithmetic.unary(negative, value));
    }
}
