package io.github.psft4j.jinja.syntax;

import io.github.psft4j.jinja.syntax.Token.Type;
import io.github.psft4j.jinja.tree.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The grammar of what follows a value: {@code .name}, {@code [index]}, {@code (arguments)}, filters and tests. */
final class Postfix {
    private Postfix() {}

    static Expression of(ExpressionParser in, Expression start, boolean withFilters) {
        Expression value = trailers(in, start);
        while (withFilters) {
            if (in.atOperator("|")) {
                value = filters(in, value);
            } else if (in.atName("is")) {
                value = test(in, value);
            } else if (in.atOperator("(")) {
                value = call(in, value);
            } else {
                break;
            }
        }
        return value;
    }

    private static Expression trailers(ExpressionParser in, Expression start) {
        Expression value = start;
        while (true) {
            if (in.atOperator("(")) {
                value = call(in, value);
            } else if (in.skipOperator(".")) {
                if (in.at(Type.INTEGER)) {
                    value = Expression.item(
                            value, Expression.literal(in.advance().value()));
                } else {
                    value = Expression.attribute(value, in.expectName());
                }
            } else if (in.skipOperator("[")) {
                value = subscript(in, value);
            } else {
                return value;
            }
        }
    }

    private static Expression subscript(ExpressionParser in, Expression owner) {
        List<Expression> indices = new ArrayList<>();
        while (!in.atOperator("]")) {
            Expression start = in.atOperator(":") ? null : in.expression();
            if (in.atOperator(":")) {
                Expression[] bounds = {start, null, null};
                for (int i = 1; i < 3 && in.skipOperator(":"); i++) {
                    bounds[i] = in.atOperator(":") || in.atOperator("]") ? null : in.expression();
                }
                in.expectOperator("]");
                return Expression.slice(owner, bounds[0], bounds[1], bounds[2]);
            }
            indices.add(start);
            if (!in.skipOperator(",")) {
                break;
            }
        }
        in.expectOperator("]");
        return Expression.item(owner, indices.size() == 1 ? indices.get(0) : Expression.tuple(indices));
    }

    static Expression call(ExpressionParser in, Expression callee) {
        int line = in.current().line();
        return new Expression.Call(callee, arguments(in), line);
    }

    /** Filters one after the other; without a value in front of it the first stands for itself, in block filters. */
    static Expression filters(ExpressionParser in, Expression start) {
        Expression value = start;
        while (in.skipOperator("|")) {
            value = filter(in, value);
        }
        return value;
    }

    static Expression filter(ExpressionParser in, Expression value) {
        int line = in.current().line();
        String name = dotted(in);
        return Expression.filter(value, name, in.atOperator("(") ? arguments(in) : Expression.Arguments.NONE, line);
    }

    private static String dotted(ExpressionParser in) {
        StringBuilder name = new StringBuilder(in.expectName());
        while (in.skipOperator(".")) {
            name.append('.').append(in.expectName());
        }
        return name.toString();
    }

    private static Expression test(ExpressionParser in, Expression value) {
        int line = in.advance().line();
        boolean negated = in.skipName("not");
        String name = dotted(in);
        Expression.Arguments arguments = Expression.Arguments.NONE;
        if (in.atOperator("(")) {
            arguments = arguments(in);
        } else if (startsArgument(in)) {
            if (in.atName("is")) {
                throw in.fail("tests cannot be chained with 'is'");
            }
            arguments = Expression.Arguments.of(trailers(in, in.primary()));
        }
        Expression test = Expression.test(value, name, arguments, line);
        return negated ? Expression.not(test) : test;
    }

    /** {@code x is divisibleby 3}: one argument may stand there without parentheses. */
    private static boolean startsArgument(ExpressionParser in) {
        return switch (in.current().type()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !in.atName("else") && !in.atName("or") && !in.atName("and");
            case OPERATOR -> in.atOperator("[") || in.atOperator("{");
            default -> false;
        };
    }

    private static Expression.Arguments arguments(ExpressionParser in) {
        int line = in.current().line();
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression spread = null;
        Expression namedSpread = null;
        in.expectOperator("(");
        while (!in.atOperator(")")) {
            boolean ordered;
            if (in.skipOperator("*")) {
                ordered = spread == null && namedSpread == null;
                spread = in.expression();
            } else if (in.skipOperator("**")) {
                ordered = namedSpread == null;
                namedSpread = in.expression();
            } else if (in.at(Type.NAME) && in.look().is(Type.OPERATOR, "=")) {
                ordered = namedSpread == null;
                String name = in.expectName();
                in.advance();
                ordered &= named.put(name, in.expression()) == null;
            } else {
                ordered = spread == null && namedSpread == null && named.isEmpty();
                positional.add(in.expression());
            }
            if (!ordered) {
                throw ExpressionParser.fail("arguments of a call in this order are no call", line);
            }
            if (!in.skipOperator(",")) {
                break;
            }
        }
        in.expectOperator(")");
        return new Expression.Arguments(positional, named, spread, namedSpread);
    }
}
