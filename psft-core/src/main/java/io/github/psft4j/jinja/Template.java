package io.github.psft4j.jinja;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.syntax.Parser;
import io.github.psft4j.jinja.tree.Scope;
import io.github.psft4j.jinja.tree.SelfReference;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/** A template that has been read. Immutable: one may be rendered by several threads at once. */
public final class Template {
    private final Parser.Parsed parsed;

    private Template(Parser.Parsed parsed) {
        this.parsed = parsed;
    }

    /**
     * @param source text of the template
     * @return the template
     * @throws TemplateException if it breaks the grammar
     */
    public static Template parse(String source) {
        return guarded("is nested too deeply to be read", () -> {
            if (source.length() > Limits.SOURCE) {
                throw TemplateError.of("the template has " + source.length() + " characters, more than the "
                        + Limits.SOURCE + " that are read; is it a template?");
            }
            return new Template(Parser.parse(source));
        });
    }

    private static <T> T guarded(String tooDeep, Supplier<T> body) {
        try {
            return body.get();
        } catch (TemplateError e) {
            throw new TemplateException(e);
        } catch (StackOverflowError e) {
            throw new TemplateException(TemplateError.of("the template " + tooDeep));
        }
    }

    /**
     * Text that lies in a {@code {% generation %}} block.
     *
     * @param start index of its first UTF-16 character
     * @param end index behind its last
     */
    public record Span(int start, int end) {}

    /**
     * @param text what the template wrote
     * @param spans texts of {@code {% generation %}} blocks in the order in which the blocks ended
     * @param passes what a loop wrote in its pass over each item of the traced list, by the index of the item; an item
     *     of which no loop or several loops wrote is missing
     */
    public record Result(String text, List<Span> spans, Map<Integer, Span> passes) {}

    /** Renders without tracing a list. */
    public Result render(Map<String, ?> variables, Clock clock, Limits limits) {
        return render(variables, null, clock, limits);
    }

    /**
     * @param variables by name; values as {@link Inputs} takes them
     * @param traced variable with the list whose items are traced, null for none
     * @param clock time and zone of {@code strftime_now}
     * @param limits what the template may use
     * @return what it writes
     * @throws TemplateException if it refuses, fails or uses too much
     */
    public Result render(Map<String, ?> variables, String traced, Clock clock, Limits limits) {
        Budget budget = new Budget(limits.steps(), limits.textLength(), limits.characters(), limits.depth(), clock);
        guarded("or a value is nested too deeply to be rendered", () -> {
            Map<String, Object> plain = new LinkedHashMap<>();
            variables.forEach((name, value) -> plain.put(name, Inputs.plain(value)));
            if (plain.get(traced) instanceof List<?> items) {
                budget.trace(items);
            }
            return budget.with(() -> {
                Scope root = new Scope(plain);
                root.set("self", new SelfReference(parsed.blocks(), root));
                return parsed.body().execute(root, budget.result());
            });
        });
        String text = budget.result().toString();
        IntUnaryOperator utf16 = utf16(text);
        Map<Integer, Span> passes = new TreeMap<>();
        budget.passes().forEach((index, span) -> {
            if (span != null) {
                passes.put(index, span(span, utf16));
            }
        });
        return new Result(
                text, budget.spans().stream().map(span -> span(span, utf16)).toList(), passes);
    }

    private static Span span(Budget.Span span, IntUnaryOperator utf16) {
        return new Span(utf16.applyAsInt(span.start()), utf16.applyAsInt(span.end()));
    }

    /** Index of a code point in UTF-16; at most the end, because a filter around may have shortened the text. */
    private static IntUnaryOperator utf16(String text) {
        int points = text.codePointCount(0, text.length());
        if (points == text.length()) {
            return point -> Math.min(point, points);
        }
        int[] indices = new int[points + 1]; // of every code point and of the end
        for (int i = 1; i < indices.length; i++) {
            indices[i] = text.offsetByCodePoints(indices[i - 1], 1);
        }
        return point -> indices[Math.min(point, points)];
    }
}
