package io.github.psft4j.jinja;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.syntax.Parser;
import io.github.psft4j.jinja.tree.Scope;
import io.github.psft4j.jinja.tree.SelfReference;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
     */
    public record Result(String text, List<Span> spans) {}

    /**
     * @param variables by name; values as {@link Inputs} takes them
     * @param clock time and zone of {@code strftime_now}
     * @param limits what the template may use
     * @return what it writes
     * @throws TemplateException if it refuses, fails or uses too much
     */
    public Result render(Map<String, ?> variables, Clock clock, Limits limits) {
        Budget budget = new Budget(limits.steps(), limits.textLength(), limits.characters(), limits.depth(), clock);
        guarded("or a value is nested too deeply to be rendered", () -> {
            Map<String, Object> plain = new LinkedHashMap<>();
            variables.forEach((name, value) -> plain.put(name, Inputs.plain(value)));
            return budget.with(() -> {
                Scope root = new Scope(plain);
                root.set("self", new SelfReference(parsed.blocks(), root));
                return parsed.body().execute(root, budget.result());
            });
        });
        String text = budget.result().toString();
        return new Result(text, budget.spans().isEmpty() ? List.of() : utf16(text, budget.spans()));
    }

    private static List<Span> utf16(String text, List<Budget.Span> spans) {
        int[] indices = new int[text.codePointCount(0, text.length()) + 1]; // of every code point and of the end
        for (int i = 1; i < indices.length; i++) {
            indices[i] = text.offsetByCodePoints(indices[i - 1], 1);
        }
        List<Span> result = new ArrayList<>();
        for (Budget.Span span : spans) {
            int start = Math.min(span.start(), indices.length - 1); // a filter around may have shortened the text
            result.add(new Span(indices[start], indices[Math.min(span.end(), indices.length - 1)]));
        }
        return List.copyOf(result);
    }
}
