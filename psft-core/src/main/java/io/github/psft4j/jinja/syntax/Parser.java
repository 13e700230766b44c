package io.github.psft4j.jinja.syntax;

import io.github.psft4j.jinja.syntax.Token.Type;
import io.github.psft4j.jinja.tree.Expression;
import io.github.psft4j.jinja.tree.Loop;
import io.github.psft4j.jinja.tree.Macro;
import io.github.psft4j.jinja.tree.Statement;
import io.github.psft4j.jinja.tree.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The grammar of statements: what stands in {@code {% %}}. */
public final class Parser extends ExpressionParser {
    private static final Set<String> OTHER_FILES = Set.of("extends", "include", "import", "from");

    /** Loops around the current statement within the same function, to which break and continue may refer. */
    private int loops;

    private final Map<String, Statement> blocks = new HashMap<>();

    private Parser(List<Token> tokens) {
        super(tokens);
    }

    /** A template and, by name, the blocks in it. */
    public record Parsed(Statement body, Map<String, Statement> blocks) {}

    public static Parsed parse(String template) {
        Parser parser = new Parser(Lexer.tokens(template));
        return new Parsed(parser.statements(0), parser.blocks);
    }

    /** Statements up to one of the end tags, whose name is then current; without end tags up to the end. */
    private Statement statements(int opened, String... ends) {
        enter();
        List<Statement> body = new ArrayList<>();
        while (!at(Type.END)) {
            Token token = advance();
            if (token.type() == Type.DATA) {
                body.add(Statement.data((String) token.value()));
            } else if (token.type() == Type.VARIABLE_BEGIN) {
                body.add(Statement.print(List.of(tuple(true, false))).at(token.line()));
                expect(Type.VARIABLE_END, "'}}'");
            } else {
                for (String end : ends) {
                    if (atName(end)) {
                        leave();
                        return Statement.block(body);
                    }
                }
                body.add(statement());
                expect(Type.BLOCK_END, "'%}'");
            }
        }
        if (ends.length > 0) {
            throw fail("'" + ends[ends.length - 1] + "' is missing for the statement of line " + opened);
        }
        leave();
        return Statement.block(body);
    }

    /** The body of a statement: ends the opening tag first, and takes the name of the end tag. */
    private Statement body(int opened, String end) {
        Statement body = openBody(opened, end);
        advance();
        return body;
    }

    private Statement openBody(int opened, String... ends) {
        skipOperator(":");
        expect(Type.BLOCK_END, "'%}'");
        return statements(opened, ends);
    }

    /** The body of what becomes a function: loops outside are out of its reach. */
    private Statement functionBody(int opened, String end) {
        int outside = loops;
        loops = 0;
        Statement body = body(opened, end);
        loops = outside;
        return body;
    }

    private Macro.Code code(String name, Macro.Parameters parameters, int line, String end) {
        Set<String> outside = Set.copyOf(mentioned);
        mentioned.clear();
        Statement body = functionBody(line, end);
        Set<String> uses = Set.copyOf(mentioned);
        mentioned.addAll(outside);
        return new Macro.Code(name, parameters, body, uses);
    }

    private Statement statement() {
        int line = current().line();
        String tag = expectName();
        return switch (tag) {
            case "if" -> branches(line);
            case "for" -> loop(line);
            case "set" -> set(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "filter" -> {
                Expression filters = Postfix.filters(this, Postfix.filter(this, Statement.BODY));
                yield Statement.filterBlock(filters, body(line, "endfilter")).at(line);
            }
            case "with" -> with(line);
            case "generation" ->
                Statement.generation(functionBody(line, "endgeneration")).at(line);
            case "break", "continue" -> {
                if (loops == 0) {
                    throw fail("'" + tag + "' outside of a loop", line);
                }
                yield Statement.jump(tag.equals("break") ? Statement.Flow.BREAK : Statement.Flow.CONTINUE);
            }
            case "print" -> print(line);
            case "block" -> {
                String name = expectName();
                boolean scoped = skipName("scoped");
                skipName("required");
                Statement body = functionBody(line, "endblock");
                skipName(name);
                if (blocks.put(name, body) != null) {
                    throw fail("block '" + name + "' defined twice", line);
                }
                yield Statement.namedBlock(body, scoped);
            }
            case "autoescape" -> throw fail("{% autoescape %} is not for chats: nothing is escaped", line);
            default -> {
                if (OTHER_FILES.contains(tag)) {
                    throw fail("{% " + tag + " %} needs other files; a chat template stands alone", line);
                }
                throw fail("unknown tag '" + tag + "'", line);
            }
        };
    }

    private Statement branches(int line) {
        List<Expression> conditions = new ArrayList<>();
        List<Statement> bodies = new ArrayList<>();
        do {
            conditions.add(tuple(false, false));
            bodies.add(openBody(line, "elif", "else", "endif"));
        } while (skipName("elif"));
        Statement otherwise = skipName("else") ? openBody(line, "endif") : null;
        advance();
        return Statement.branches(conditions, bodies, otherwise).at(line);
    }

    private Statement loop(int line) {
        Target target = target(false);
        if (!skipName("in")) {
            throw fail("expected 'in', found " + current().describe());
        }
        Expression items = tuple(false, false);
        Expression condition = skipName("if") ? expression() : null;
        boolean recursive = skipName("recursive");
        loops++;
        Statement body = openBody(line, "else", "endfor");
        loops--;
        Statement otherwise = skipName("else") ? openBody(line, "endfor") : null;
        advance();
        return new Loop(target, items, condition, recursive, body, otherwise).at(line);
    }

    private Statement set(int line) {
        Target target = target(true);
        if (skipOperator("=")) {
            return Statement.set(target, tuple(true, false)).at(line);
        }
        Expression filters = Postfix.filters(this, Statement.BODY);
        return Statement.setBlock(target, filters, body(line, "endset")).at(line);
    }

    private Statement macro(int line) {
        String name = expectName();
        Macro.Parameters parameters = parameters();
        return Statement.define(code(name, parameters, line, "endmacro"));
    }

    private Statement callBlock(int line) {
        Macro.Parameters parameters = atOperator("(") ? parameters() : Macro.Parameters.EMPTY;
        if (!(expression() instanceof Expression.Call call)) {
            throw fail("{% call %} needs a call such as {% call macro(argument) %}", line);
        }
        return Statement.callBlock(call, code("caller", parameters, line, "endcall"))
                .at(line);
    }

    private Macro.Parameters parameters() {
        List<String> names = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        expectOperator("(");
        while (!atOperator(")")) {
            if (!names.isEmpty()) {
                expectOperator(",");
            }
            names.add(expectName());
            if (skipOperator("=")) {
                defaults.add(expression());
            } else if (!defaults.isEmpty()) {
                throw fail("parameter '" + names.get(names.size() - 1) + "' without default after one with default");
            }
        }
        expectOperator(")");
        return new Macro.Parameters(names, defaults);
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!at(Type.BLOCK_END)) {
            if (!targets.isEmpty()) {
                expectOperator(",");
            }
            targets.add(target(false));
            expectOperator("=");
            values.add(expression());
        }
        return Statement.with(targets, values, body(line, "endwith")).at(line);
    }

    private Statement print(int line) {
        List<Expression> values = new ArrayList<>();
        while (!at(Type.BLOCK_END)) {
            if (!values.isEmpty()) {
                expectOperator(",");
            }
            values.add(expression());
        }
        return Statement.print(values).at(line);
    }

    /** What can be assigned to: names, tuples of them, and with {@code set} attributes of a namespace. */
    private Target target(boolean attributes) {
        if (atTargetEnd()) {
            throw fail("expected a name to assign to, found " + current().describe());
        }
        return targets(attributes, this::atTargetEnd);
    }

    private boolean atTargetEnd() {
        return atName("in") || atOperator("=") || at(Type.BLOCK_END);
    }

    private Target targets(boolean attributes, BooleanSupplier atEnd) {
        List<Target> targets = new ArrayList<>();
        boolean isTuple = atEnd.getAsBoolean();
        for (boolean more = !isTuple; more && !atEnd.getAsBoolean(); isTuple |= more) {
            targets.add(singleTarget(attributes));
            more = skipOperator(",");
        }
        return isTuple ? new Target.Several(targets) : targets.get(0);
    }

    private Target singleTarget(boolean attributes) {
        if (skipOperator("(")) {
            enter();
            Target inner = targets(attributes, () -> atOperator(")"));
            expectOperator(")");
            leave();
            return inner;
        }
        int line = current().line();
        String name = expectName();
        if (Set.of("true", "false", "none", "True", "False", "None").contains(name)) {
            throw fail("cannot assign to '" + name + "'", line);
        }
        return attributes && skipOperator(".") ? new Target.Attribute(name, expectName()) : new Target.Name(name);
    }
}
