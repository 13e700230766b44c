package io.github.psft4j.jinja.syntax;

import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.syntax.Token.Type;
import io.github.psft4j.jinja.tree.Expression;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The grammar of expressions. Loosest first: if-else, or, and, not, comparison, + -, ~, * / // %, **, unary. */
class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> IMPLICIT_PARAMETERS = Set.of("caller", "varargs", "kwargs");
    private static final int MAX_DEPTH = 100;

    /** The implicit parameters that the current macro has named so far. */
    final Set<String> mentioned = new HashSet<>();

    private final List<Token> tokens;
    private int next;
    private int depth;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    final Token current() {
        return tokens.get(next);
    }

    final Token look() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    final Token advance() {
        Token token = current();
        next = Math.min(next + 1, tokens.size() - 1);
        return token;
    }

    final boolean at(Type type) {
        return current().type() == type;
    }

    final boolean atOperator(String operator) {
        return current().is(Type.OPERATOR, operator);
    }

    final boolean atName(String name) {
        return current().is(Type.NAME, name);
    }

    final boolean skipOperator(String operator) {
        return skip(atOperator(operator));
    }

    final boolean skipName(String name) {
        return skip(atName(name));
    }

    private boolean skip(boolean found) {
        if (found) {
            advance();
        }
        return found;
    }

    /** Items with commas between, and one at most behind the last, up to a closing bracket. */
    final void items(String end, Runnable item) {
        while (!atOperator(end)) {
            item.run();
            if (!skipOperator(",")) {
                break;
            }
        }
        expectOperator(end);
    }

    final void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw fail("expected '" + operator + "', found " + current().describe());
        }
    }

    final void expect(Type type, String what) {
        if (!at(type)) {
            throw fail("expected " + what + ", found " + current().describe());
        }
        advance();
    }

    final String expectName() {
        if (!at(Type.NAME)) {
            throw fail("expected a name, found " + current().describe());
        }
        return (String) advance().value();
    }

    final TemplateError fail(String problem) {
        return fail(problem, current().line());
    }

    static TemplateError fail(String problem, int line) {
        return TemplateError.of("syntax error: " + problem, line);
    }

    /** Counts how deep the grammar has gone; leave by {@link #leave}. */
    final void enter() {
        if (++depth > MAX_DEPTH) {
            throw fail("nested more than " + MAX_DEPTH + " deep");
        }
    }

    final void leave() {
        depth--;
    }

    /** One expression, or several with commas between: a tuple. */
    final Expression tuple(boolean conditional, boolean mayBeEmpty) {
        List<Expression> items = new ArrayList<>();
        boolean isTuple = false;
        while (!atTupleEnd()) {
            items.add(conditional ? expression() : or());
            if (!skipOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && !items.isEmpty()) {
            return items.get(0);
        }
        if (!isTuple && !mayBeEmpty) {
            throw fail("expected an expression, found " + current().describe());
        }
        return Expression.tuple(items);
    }

    private boolean atTupleEnd() {
        return at(Type.VARIABLE_END) || at(Type.BLOCK_END) || atOperator(")");
    }

    final Expression expression() {
        enter();
        Expression value = or();
        while (skipName("if")) {
            int line = current().line();
            Expression condition = or();
            Expression otherwise = skipName("else") ? expression() : null;
            value = Expression.conditional(condition, value, otherwise, line);
        }
        leave();
        return value;
    }

    final Expression or() {
        Expression left = and();
        while (skipName("or")) {
            left = Expression.or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (skipName("and")) {
            left = Expression.and(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!skipName("not")) {
            return comparison();
        }
        enter();
        Expression negated = Expression.not(not());
        leave();
        return negated;
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> operands = new ArrayList<>();
        while (true) {
            if (at(Type.OPERATOR) && COMPARISONS.contains((String) current().value())) {
                operators.add((String) advance().value());
            } else if (skipName("in")) {
                operators.add("in");
            } else if (atName("not") && look().is(Type.NAME, "in")) {
                advance();
                advance();
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : Expression.compare(first, operators, operands);
            }
            operands.add(sum());
        }
    }

    private Expression sum() {
        return binary(this::concatenation, "+", "-");
    }

    private Expression binary(Supplier<Expression> operand, String... operators) {
        Expression left = operand.get();
        while (at(Type.OPERATOR) && List.of(operators).contains(current().value())) {
            left = Expression.binary((String) advance().value(), left, operand.get());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!atOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (skipOperator("~")) {
            parts.add(product());
        }
        return Expression.concat(parts);
    }

    private Expression product() {
        return binary(this::power, "*", "/", "//", "%");
    }

    /** Left to right, unlike Python, and below the unary minus. */
    private Expression power() {
        return binary(() -> unary(true), "**");
    }

    private Expression unary(boolean withFilters) {
        enter();
        Expression value;
        if (atOperator("-") || atOperator("+")) {
            String sign = (String) advance().value();
            value = Expression.unary(sign.equals("-"), unary(false));
        } else {
            value = primary();
        }
        value = Postfix.of(this, value, withFilters);
        leave();
        return value;
    }

    final Expression primary() {
        Token token = current();
        switch (token.type()) {
            case NAME -> {
                advance();
                if (IMPLICIT_PARAMETERS.contains((String) token.value())) {
                    mentioned.add((String) token.value());
                }
                return switch ((String) token.value()) {
                    case "true", "True" -> Expression.literal(true);
                    case "false", "False" -> Expression.literal(false);
                    case "none", "None" -> Expression.literal(null);
                    default -> Expression.name((String) token.value());
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (at(Type.STRING)) {
                    text.append(advance().value());
                }
                return Expression.literal(text.toString());
            }
            case INTEGER, FLOAT -> {
                return Expression.literal(advance().value());
            }
            default -> {
                return brackets(token);
            }
        }
    }

    private Expression brackets(Token token) {
        if (skipOperator("(")) {
            Expression inner = tuple(true, true);
            expectOperator(")");
            return inner;
        }
        List<Expression> items = new ArrayList<>();
        if (skipOperator("[")) {
            items("]", () -> items.add(expression()));
            return Expression.list(items);
        }
        if (skipOperator("{")) {
            List<Expression> values = new ArrayList<>();
            items("}", () -> {
                items.add(expression());
                expectOperator(":");
                values.add(expression());
            });
            return Expression.dict(items, values);
        }
        throw fail("unexpected " + token.describe());
    }
}
