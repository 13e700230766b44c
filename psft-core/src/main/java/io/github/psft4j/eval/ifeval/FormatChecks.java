package io.github.psft4j.eval.ifeval;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.github.psft4j.eval.text.Characters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Instructions about marks in an answer: bullets, highlights, sections, titles, placeholders, JSON. */
final class FormatChecks {

    private static final String SPACE = "[" + Characters.SPACE + "]";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\[[^\\n]*?\\]");
    private static final Pattern STAR = lines("^" + SPACE + "*\\*[^*].*$");
    private static final Pattern DASH = lines("^" + SPACE + "*-.*$");
    private static final Pattern HIGHLIGHT = Pattern.compile("\\*[^\\n*]*\\*");
    private static final Pattern BOLD = Pattern.compile("\\*\\*[^\\n*]*\\*\\*");
    private static final Pattern TITLE = Pattern.compile("<<[^\\n]+>>");
    private static final Pattern POSTSCRIPT = Pattern.compile("p\\." + SPACE + "?s\\.");
    private static final Pattern SECOND_POSTSCRIPT = Pattern.compile("p\\." + SPACE + "?p\\." + SPACE + "?s");

    private static final List<String> OPTIONS = List.of("My answer is yes.", "My answer is no.", "My answer is maybe.");
    private static final List<String> FENCES = List.of("```json", "```Json", "```JSON", "```");

    /** What is no number in JSON, and is one in Python. */
    private static final Set<String> NO_NUMBERS = Set.of("NaN", "Infinity", "-Infinity");

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private FormatChecks() {}

    private static Pattern lines(String expression) {
        return Pattern.compile(expression, Pattern.MULTILINE | Pattern.UNIX_LINES);
    }

    private static long count(Pattern pattern, String text) {
        return pattern.matcher(text).results().count();
    }

    /** At least so many pairs of square brackets, each within a line. */
    static Predicate<String> placeholders(Arguments arguments) {
        int wanted = arguments.count("num_placeholders");
        return text -> count(PLACEHOLDER, text) >= wanted;
    }

    /** Exactly so many lines that begin with one {@code *}, or with {@code -}. */
    static Predicate<String> bullets(Arguments arguments) {
        int wanted = arguments.count("num_bullets");
        return text -> count(STAR, text) + count(DASH, text) == wanted;
    }

    /** At least so many {@code *highlights*}; a {@code **bold**} one counts as well. */
    static Predicate<String> highlights(Arguments arguments) {
        int wanted = arguments.count("num_highlights");
        return text -> filled(HIGHLIGHT, "*", text) + filled(BOLD, "*", text) >= wanted;
    }

    /** Matches that hold more than white space and the mark. */
    private static long filled(Pattern pattern, String mark, String text) {
        return pattern.matcher(text)
                .results()
                .filter(m -> m.group().codePoints().anyMatch(c -> !Characters.isSpace(c) && mark.indexOf(c) < 0))
                .count();
    }

    /** A line holds a title: {@code <<title>>}. */
    static Predicate<String> title(Arguments arguments) {
        return text ->
                TITLE.matcher(text).results().anyMatch(m -> !inner(m.group()).isEmpty());
    }

    private static String inner(String title) {
        return Characters.strip(title.replaceFirst("^<+", "").replaceFirst(">+$", ""));
    }

    /** At least so many section marks with a number, such as {@code SECTION 2}. */
    static Predicate<String> sections(Arguments arguments) {
        int wanted = arguments.count("num_sections");
        String mark = Characters.strip(arguments.text("section_spliter"));
        arguments.pattern("section_spliter", mark, "", "");
        Pattern section = Pattern.compile(SPACE + "?(?:" + mark + ")" + SPACE + "?\\p{Nd}+" + SPACE + "?");
        return text -> count(section, text) >= wanted;
    }

    /** A postscript, anywhere in the text: {@code P.S.}, {@code P.P.S} or another mark. */
    static Predicate<String> postscript(Arguments arguments) {
        String marker = Characters.strip(arguments.text("postscript_marker"));
        Pattern pattern = switch (marker) {
            case "P.S." -> POSTSCRIPT;
            case "P.P.S" -> SECOND_POSTSCRIPT;
            default -> arguments.pattern("postscript_marker", marker.toLowerCase(Locale.ROOT), "", "");
        };
        return text -> pattern.matcher(text.toLowerCase(Locale.ROOT)).find();
    }

    /** One of three sentences is there: {@code My answer is yes.}, and so on. */
    static Predicate<String> constrained(Arguments arguments) {
        return text -> OPTIONS.stream().anyMatch(text::contains);
    }

    /** The whole text is JSON, perhaps in a fence of three backticks. */
    static Predicate<String> json(Arguments arguments) {
        return text -> {
            String json = Characters.strip(text);
            for (String fence : FENCES) {
                json = json.startsWith(fence) ? json.substring(fence.length()) : json;
            }
            json = json.endsWith("```") ? json.substring(0, json.length() - 3) : json;
            return isJson(Characters.strip(json));
        };
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token == JsonToken.VALUE_NUMBER_FLOAT && parser.isNaN() && !NO_NUMBERS.contains(parser.getText())) {
                    return false;
                }
            }
            return values == 1;
        } catch (JsonProcessingException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
