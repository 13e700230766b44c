package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.Judgement.Source;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the answer in a text: the last box, else {@code ####}, else "the answer is", else the last number. */
final class Extraction {

    /**
     * What was found.
     *
     * @param candidates spellings of the answer, the most complete first; empty if there is no answer
     * @param source where it was found; null if there is no answer
     * @param cut whether the text ends inside the answer
     */
    record Found(List<String> candidates, Source source, boolean cut) {
        static final Found NOTHING = new Found(List.of(), null, false);
    }

    /** A text beyond this length is read from its end. */
    private static final int MAX_TEXT = 200_000;

    /** Words and numbers are looked for in this much of its end. */
    private static final int MAX_TAIL = 30_000;

    private static final Pattern EMPTY_BOX = Pattern.compile("\\\\(?:boxed|fbox)\\s*\\{\\s*\\}");

    /** Two calculations in a row, which are no answer of two parts. */
    private static final Pattern CALCULATIONS =
            Pattern.compile("[-+*/\\d ().$]*\\d[-+*/\\d ().$]*=[^=;,]*[;,][-+*/\\d ().$]*\\d[-+*/\\d ().$]*=[^=]*");

    private static final Pattern HASHES = Pattern.compile("####[ \\t]*([^\\n]*)");

    private static final Pattern MARKER = Pattern.compile(
            "(?:\\b(?:final |correct |right )?(?:answer|solution|result|ans)(?:\\*\\*|__)?[ ]?"
                    + "(?:(?:is|are|:|=|is:|would be|should be|must be|equals|to (?:this"
                    + "|the) [a-z]{1,20}(?: is)?)(?![a-z]))"
                    + "(?:\\*\\*|__)?:?"
                    + "|\\bthe (?:correct |right )?(?:option|choice)(?: is)?(?![a-z]):?"
                    + "|\\b(?:correct|right) (?:option|choice|answer)(?: is)?:?(?![a-z])"
                    + "|(?m:^)(?:\\*\\*|#+ ?)?(?:final )?answer(?:\\*\\*)?:?(?:\\*\\*)?(?=[ \\n]))",
            Pattern.CASE_INSENSITIVE);

    /** The writer takes back what stands in front. */
    private static final Pattern RETRACTS = Pattern.compile(
            "\\b(?:scratch that|sorry,|correction:|on second thought|ignore (?:that|the above|my)"
                    + "|i made (?:a|an) (?:[a-z]+ )?"
                    + "(?:mistake|error)|(?:that|this|it|which|that answer|this answer|my answer"
                    + "|the answer(?: above)?|the above)"
                    + "(?: is|'s| was| can't be| cannot be| isn't| is not"
                    + "| wasn't) (?:all )?(?:wrong|incorrect|not right"
                    + "|not correct|a mistake|right|correct)(?<!(?:is|was|'s) (?:right|correct))|no, (?:it|that|the)"
                    + "|it should (?:actually )?(?:be|have been)|should actually be)",
            Pattern.CASE_INSENSITIVE);

    /** The writer may take it back; only a new answer behind it does so. */
    private static final Pattern HESITATES = Pattern.compile(
            "\\b(?:wait|hold on|actually|hmm|let me (?:re-?check|re-?do|re-?consider|re-?calculate"
                    + "|try again|correct))\\b",
            Pattern.CASE_INSENSITIVE);

    /** A statement of a value behind a hesitation. */
    private static final Pattern INSTEAD = Pattern.compile(
            "\\b(?:it|that|this|x)(?: is|'s| should be| must be| equals| =)(?: actually)? ", Pattern.CASE_INSENSITIVE);

    /** Another question begins: what follows is not about this one. */
    private static final Pattern QUESTION = Pattern.compile(
            "\\n\\s*(?:\\*\\*|#+ ?)?(?:Q|Question|Problem|Exercise|Next question|Next problem|Human"
                    + "|User|Instruction|Input)"
                    + "(?: ?\\d+)?(?:\\*\\*)?\\s*[:.]",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern SENTENCE = Pattern.compile("[.!?](?=\\s|$)|\\n");
    private static final Pattern REASON = Pattern.compile(
            "\\s+(?:because|since|as|which|when|where|for|so|after|with|by|if|but|that|square is"
                    + "|i\\.e\\.)\\b|[,;]\\s|\\s\\(",
            Pattern.CASE_INSENSITIVE);

    private final boolean choice;

    /** @param choice whether the answer is the letter of an option */
    Extraction(boolean choice) {
        this.choice = choice;
    }

    Found find(String whole) {
        String text = whole.length() > MAX_TEXT ? whole.substring(whole.length() - MAX_TEXT) : whole;
        int thought = text.lastIndexOf("</think>");
        if (thought >= 0) {
            Found behind = search(text.substring(thought + "</think>".length()));
            if (!behind.candidates().isEmpty()) {
                return behind;
            }
        }
        return search(text);
    }

    private Found search(String given) {
        String text = untilNextQuestion(EMPTY_BOX.matcher(given).replaceAll(" "));
        List<Boxes.Box> boxes =
                Boxes.in(text).stream().filter(b -> !b.content().isBlank()).toList();
        if (!boxes.isEmpty()) {
            List<Boxes.Box> last = Boxes.last(text, boxes);
            int end = last.get(last.size() - 1).to();
            Found later = takenBack(text.substring(end));
            return later != null ? later : boxed(last);
        }
        Matcher hashes = HASHES.matcher(text);
        String marked = null;
        while (hashes.find()) {
            marked = hashes.group(1);
        }
        if (marked != null && !marked.isBlank()) {
            return new Found(List.of(marked.strip()), Source.HASHES, false);
        }
        String tail = tail(text);
        Found marker = marker(tail);
        return marker != null ? marker : unmarked(tail);
    }

    private static String tail(String text) {
        return text.length() > MAX_TAIL ? text.substring(text.length() - MAX_TAIL) : text;
    }

    private static String untilNextQuestion(String text) {
        int answered = text.length();
        List<Boxes.Box> boxes = Boxes.in(text);
        answered = boxes.isEmpty() ? answered : boxes.get(0).to();
        for (Pattern pattern : List.of(HASHES, MARKER)) {
            Matcher m = pattern.matcher(text);
            answered = m.find() ? Math.min(answered, m.end()) : answered;
        }
        Matcher question = QUESTION.matcher(text);
        return answered < text.length() && question.find(answered) ? text.substring(0, question.start()) : text;
    }

    private static Found boxed(List<Boxes.Box> boxes) {
        Boxes.Box last = boxes.get(boxes.size() - 1);
        boolean cut = last.cut() && !Boxes.complete(last.content());
        if (boxes.size() == 1) {
            return new Found(List.of(last.content()), Source.BOX, cut);
        }
        List<String> contents = boxes.stream().map(Boxes.Box::content).toList();
        return new Found(List.of(String.join(" , ", contents)), Source.BOX, cut);
    }

    /** What a text behind an answer says instead of it; null if it takes nothing back. */
    private Found takenBack(String behind) {
        String rest = tail(behind);
        Matcher strong = RETRACTS.matcher(rest);
        if (strong.find()) {
            String tail = rest.substring(strong.start());
            Found marker = marker(tail);
            if (marker != null) {
                return marker;
            }
            List<String> numbers = Spans.numbers(tail);
            return numbers.isEmpty()
                    ? Found.NOTHING
                    : new Found(List.of(numbers.get(numbers.size() - 1)), Source.LAST, false);
        }
        Matcher weak = HESITATES.matcher(rest);
        if (!weak.find()) {
            return null;
        }
        String tail = rest.substring(weak.start());
        Found marker = marker(tail);
        if (marker != null) {
            return marker;
        }
        Matcher instead = INSTEAD.matcher(tail);
        List<String> numbers = instead.find() ? Spans.numbers(tail.substring(instead.end())) : List.of();
        return numbers.isEmpty() ? null : new Found(List.of(numbers.get(0)), Source.LAST, false);
    }

    /** What stands behind the last marker that something stands behind; null if there is none. */
    private Found marker(String text) {
        Matcher m = MARKER.matcher(text);
        Found found = null;
        int end = -1;
        while (m.find()) {
            if (m.start() < end) {
                continue;
            }
            Found next = behind(text.substring(m.end()));
            if (next != null) {
                found = next;
                end = m.end();
            }
        }
        if (found != null) {
            Found later = takenBack(text.substring(end));
            if (later != null && later.source() != Source.MARKER) {
                return later;
            }
        }
        return found;
    }

    private Found behind(String tail) {
        String rest = tail.stripLeading();
        while (rest.startsWith(":") || rest.startsWith("**") || rest.startsWith("=")) {
            rest = rest.substring(rest.startsWith("**") ? 2 : 1).stripLeading();
        }
        if (rest.isEmpty()) {
            return null;
        }
        String clause = Spans.clause(rest, SENTENCE);
        if (clause.isBlank()) {
            return null;
        }
        Set<String> candidates = new LinkedHashSet<>();
        candidates.add(clause);
        Matcher reason = REASON.matcher(clause);
        if (reason.find() && reason.start() > 0) {
            candidates.add(clause.substring(0, reason.start()));
        }
        candidates.addAll(Spans.formulas(clause));
        List<String> numbers = Spans.numbers(clause);
        if (!numbers.isEmpty()) {
            candidates.add(numbers.get(numbers.size() - 1));
        }
        return new Found(new ArrayList<>(candidates), Source.MARKER, false);
    }

    private Found unmarked(String text) {
        String trimmed = text.strip();
        if (trimmed.isEmpty()) {
            return Found.NOTHING;
        }
        if (choice) {
            String letter = Choices.last(trimmed);
            return letter == null ? Found.NOTHING : new Found(List.of(letter), Source.LAST, false);
        }
        List<String> candidates = new ArrayList<>();
        boolean line = trimmed.length() <= 200 && trimmed.indexOf('\n') < 0;
        if (line && !CALCULATIONS.matcher(trimmed).matches()) {
            candidates.add(trimmed);
        }
        List<String> spans = Spans.last(trimmed);
        if (spans.isEmpty()) {
            String last = trimmed.substring(trimmed.lastIndexOf('\n') + 1);
            if (candidates.isEmpty() && last.length() <= 200) {
                candidates.add(last);
            }
            return candidates.isEmpty() ? Found.NOTHING : new Found(candidates, Source.WHOLE, false);
        }
        candidates.addAll(spans);
        return new Found(candidates, Source.LAST, false);
    }
}
