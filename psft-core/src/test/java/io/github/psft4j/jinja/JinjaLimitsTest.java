package io.github.psft4j.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hostile or broken template ends in a TemplateException, soon and with little memory. */
class JinjaLimitsTest {
    private static final String R = "{% for a in range(99999) %}";
    private static final String E = "{% endfor %}";

    private static String render(String template) {
        return Template.parse(template)
                .render(Map.of("xs", List.of(1, 2)), Clock.systemUTC(), Limits.DEFAULT)
                .text();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                R + R + R + E + E + E,
                R + R + "x" + E + E,
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
                "{% for a in [[1]] recursive %}{{ loop([a]) }}{% endfor %}",
                "{% set n = namespace(s='ab') %}" + R + "{% set n.s = n.s ~ n.s %}" + E,
                "{% set n = namespace(s='ab') %}" + R + "{% set n.s = n.s + n.s %}" + E,
                "{% set n = namespace(s=[1]) %}" + R + "{% set n.s = n.s + n.s %}" + E,
                "{% set n = namespace(s='aa') %}" + R + "{% set n.s = n.s.replace('a', 'aa') %}" + E,
                "{% set n = namespace(s='aa') %}" + R + "{% set n.s = n.s | replace('', 'aa') %}" + E,
                "{% set n = namespace(s='a,b') %}" + R + "{% set n.s = n.s.join([n.s, n.s]) %}" + E,
                "{% set n = namespace(s=[]) %}" + R + "{% set n.s = [n.s, n.s] %}" + E + "{{ n.s }}",
                "{% set n = namespace(s=[]) %}" + R + "{% set n.s = [n.s, n.s] %}" + E + "{{ n.s | tojson }}",
                "{% set n = namespace(s=[]) %}" + R + "{% set n.s = [n.s] %}" + E + "{{ n.s == [n.s] }}",
                "{% set n = namespace(s=2) %}" + R + "{% set n.s = n.s * n.s %}" + E,
                "{% set n = namespace() %}{% set n.a = n %}{{ n }}",
                "{{ 'a' * 99999999999 }}",
                "{{ [0] * 99999999999 }}",
                "{{ 2 ** 99999999999 }}",
                "{{ 'a'.center(2000000000) }}",
                "{{ 'a' | indent(2000000000) | center(2000000000) }}",
                "{{ '%02000000000d' % 1 }}",
                "{{ '{:>2000000000}'.format(1) }}",
                "{{ 'a'.zfill(2000000000) }}",
                "{{ xs | batch(2000000000, 1) | list }}",
                "{{ xs | slice(2000000000) | list }}",
                "{{ '\t'.expandtabs(2000000000) }}"
            })
    void hungryTemplateIsStopped(String template) {
        assertTimeoutPreemptively(
                Duration.ofMinutes(10), () -> assertThrows(TemplateException.class, () -> render(template)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "{1:", "not ", "-", "1 if ", "1+(", "a.b("})
    void deepNestingIsNoStackOverflow(String opening) {
        String template = "{{ " + opening.repeat(100_000);
        assertThrows(TemplateException.class, () -> Template.parse(template));
        assertThrows(TemplateException.class, () -> Template.parse("{% if x %}".repeat(100_000)));
    }

    @Test
    void longChainsOfOperatorsAreNoStackOverflow() {
        String chain = "{{ 1" + " + 1".repeat(100_000) + " }}";
        assertThrows(TemplateException.class, () -> render(chain)); // Python gives up as well
        assertEquals("1001", render("{{ 1" + " + 1".repeat(1_000) + " }}"));
    }

    /** What Python's objects would offer is not there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__.__mro__ }}",
                "{{ xs['__class__']() }}",
                "{{ raise_exception.__globals__.os }}",
                "{{ xs.append(3) }}",
                "{{ {}.update({'a': 1}) }}",
                "{{ xs.getClass() }}",
                "{{ '{0.__class__.__init__}'.format('a') }}"
            })
    void innardsAndChangesAreOutOfReach(String template) {
        assertThrows(TemplateException.class, () -> render(template));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "{% if x %}#'endif' is missing for the statement of line 1",
                "a{{ 'b }}#string without its end",
                "{% frob %}#unknown tag 'frob'",
                "{{ 1 + }}#unexpected '}}'",
                "{{ xs | frob }}#No filter named 'frob'",
                "{{ xs is frob }}#No test named 'frob'",
                "{{ frob(1) }}#'frob' is undefined",
                "{{ xs.frob.nob }}#'list object' has no attribute 'frob'",
                "{% include 'x' %}#{% include %} needs other files"
            })
    void errorNamesConstructAndLine(String template, String words) {
        String message = assertThrows(TemplateException.class, () -> render("line 1\nline 2\n" + template))
                .getMessage();
        assertTrue(message.contains(words.replace("line 1", "line 3")), message);
        assertTrue(message.endsWith("(line 3 of the template)"), message);
    }

    /** Templates with random faults: whatever happens, it is a TemplateException. */
    @Test
    void faultyTemplateEndsInNothingElse() {
        String[] sources = {
            "{%- for m in xs if m is odd -%}\n{{ loop.index ~ ':' ~ m|string }}{% else %}x{% endfor %}",
            "{% macro f(a, b='x') -%}{{ a|upper + b[::-1] }}{%- endmacro %}{{ f('q', b=\"z\") }}",
            "{% set ns = namespace(a=[1, 2.5e3]) %}{{ ns.a|tojson(indent=2) }}{# c #}{% raw %}{{ }}{% endraw %}",
            "{{ '%s %05.2f' % ('a\\n\\u00e9', 2) }}{{ {'a': {1: none}}.items()|list if not xs[1:] is none }}",
            "{% generation %}{{ 'a b'.split(' ', 1)[-1].strip() }}{% endgeneration %}{{ '{0!r:>5}'.format('q') }}"
        };
        String pieces = "{}%-+#|()[]'\".,:~ \nx1=*/\\é";
        Random random = new Random(20260307);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder template = new StringBuilder(sources[i % sources.length]);
            for (int fault = 1 + random.nextInt(3); fault > 0; fault--) {
                int at = random.nextInt(template.length());
                if (random.nextBoolean()) {
                    template.deleteCharAt(at);
                } else {
                    template.insert(at, pieces.charAt(random.nextInt(pieces.length())));
                }
            }
            try {
                render(template.toString());
            } catch (TemplateException e) {
                assertTrue(e.getMessage() != null, template.toString());
            }
        }
    }
}
