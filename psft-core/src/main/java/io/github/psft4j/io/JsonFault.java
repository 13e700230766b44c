package io.github.psft4j.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** Says what is wrong with a damaged JSON text, in words for people. */
public final class JsonFault {

    /** How Jackson writes a place, inside its messages too; of the source it says only that it does not show it. */
    private static final Pattern PLACE = Pattern.compile("\\[Source: .*?; ((?:line|byte offset): [^\\]]*)]");

    /** Advice of Jackson to programmers, which the owner of the file cannot follow. */
    private static final Pattern ADVICE = Pattern.compile(": enable `[^`]*` to allow");

    private JsonFault() {}

    /**
     * The parser's message without its source, harmless to a terminal: {@code ... (start marker at line 1, column 10)}.
     */
    public static String reason(JsonProcessingException e) {
        String message = PLACE.matcher(String.valueOf(e.getOriginalMessage()))
                .replaceAll(place -> place.group(1).replace(": ", " "));
        return Shown.harmless(ADVICE.matcher(message).replaceAll(""));
    }
}
