package io.github.psft4j.data.encode;

import io.github.psft4j.hf.text.Rendering;
import io.github.psft4j.hf.text.TokenSpans;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the messages of a conversation stand in its rendering as a whole, for templates that do not mark answers.
 *
 * <p>An answer begins behind what the model is given when it is asked: the messages before it, rendered with the
 * opening of an answer. Templates such as Qwen3's write these messages otherwise when more follows. Then the answer
 * begins behind the opening in the part that the template's loop over the messages wrote for it.
 */
record MessageParts(
        TextEncoder text,
        Fields row,
        String field,
        List<Map<String, Object>> messages,
        Map<String, Object> variables,
        Rendering whole,
        TokenSpans tokens) {
    /** A content that no template knows, to see which text before a content is the template's own. */
    private static final String PROBE = "\uE000";

    /** What the model says of a message of the assistant: all of it but the opening. */
    Rendering.Span answer(int message) {
        return new Rendering.Span(answerStart(message), end(message));
    }

    /** All that the template writes of a message. */
    Rendering.Span message(int message) {
        return new Rendering.Span(start(message), end(message));
    }

    /** The message that the loop wrote a place of the text for, -1 if none did. */
    int messageAt(int place) {
        for (Map.Entry<Integer, Rendering.Span> part : whole.messageSpans().entrySet()) {
            if (part.getValue().start() <= place && place < part.getValue().end()) {
                return part.getKey();
            }
        }
        return -1;
    }

    /** Where the answer of a message of the assistant begins; where a message of another role begins as a whole. */
    int answerStart(int message) {
        if (!"assistant".equals(messages.get(message).get("role"))) {
            return start(message);
        }
        Rendering asked = message == 0 ? null : rendered(message, true);
        if (asked != null && whole.text().startsWith(asked.text())) {
            return asked.text().length();
        }
        Rendering.Span part = whole.messageSpans().get(message);
        if (part == null) {
            throw hidden(message);
        }
        String opening = asked != null ? opening(asked, message) : openingOfAny();
        if (opening.isEmpty()) {
            return part.start();
        }
        // White space before an opening may be the end of the message before.
        String written = whole.text().substring(part.start(), part.end());
        int blank = written.length() - written.stripLeading().length();
        written = written.substring(blank);
        opening = opening.stripLeading();
        int common = common(opening, written);
        if (common == opening.length()) {
            return part.start() + blank + common;
        }
        // The opening goes further than the template does here, for example with an empty block of thoughts.
        int own = common(written, probed(message).stripLeading());
        common = common == 0 ? own : Math.min(common, own);
        return part.start() + blank + common;
    }

    private int start(int message) {
        Rendering.Span part = whole.messageSpans().get(message);
        return part != null ? part.start() : message == 0 ? 0 : beginning(message);
    }

    private int end(int message) {
        Rendering.Span part = whole.messageSpans().get(message);
        if (message + 1 < messages.size()) {
            // A message without a part of its own may stand in the part of the one before it.
            return part != null && whole.messageSpans().containsKey(message + 1) ? part.end() : beginning(message + 1);
        }
        // The end of the last answer may stand behind the loop.
        return part != null && endsASequence(part) ? part.end() : whole.text().length();
    }

    private boolean endsASequence(Rendering.Span part) {
        for (int i = tokens.tokens().length - 1; i >= 0; i--) {
            if (tokens.overlaps(i, part) && !text.isBlank(tokens.tokens()[i])) {
                return text.stops().contains(tokens.tokens()[i]);
            }
        }
        return false;
    }

    /** What a template writes behind the messages when it asks for an answer. */
    private String opening(Rendering asked, int messageCount) {
        Rendering plain = rendered(messageCount, false);
        if (plain != null && asked.text().startsWith(plain.text())) {
            return asked.text().substring(plain.text().length());
        }
        Rendering.Span last = asked.messageSpans().get(messageCount - 1);
        return last == null ? "" : asked.text().substring(last.end());
    }

    /** The opening of an answer to some user, for an answer that stands first. */
    private String openingOfAny() {
        List<Map<String, Object>> user = List.of(Map.of("role", "user", "content", PROBE));
        Rendering asked = text.renderedOrNull(user, variables, true);
        Rendering plain = text.renderedOrNull(user, variables, false);
        return asked != null && plain != null && asked.text().startsWith(plain.text())
                ? asked.text().substring(plain.text().length())
                : "";
    }

    /** What the template writes of a message if its content is another. */
    private String probed(int message) {
        Map<String, Object> other = new LinkedHashMap<>(messages.get(message));
        other.put("content", PROBE);
        List<Map<String, Object>> changed = new ArrayList<>(messages);
        changed.set(message, other);
        Rendering probed = text.renderedOrNull(changed, variables, false);
        Rendering.Span part = probed == null ? null : probed.messageSpans().get(message);
        if (part == null) {
            throw hidden(message);
        }
        return probed.text().substring(part.start(), part.end());
    }

    private Rendering rendered(int messageCount, boolean prompt) {
        return text.renderedOrNull(messages.subList(0, messageCount), variables, prompt);
    }

    /** Length of the text of the first messages, which the whole text must begin with. */
    private int beginning(int messageCount) {
        Rendering begin = rendered(messageCount, false);
        if (begin == null || !whole.text().startsWith(begin.text())) {
            throw hidden(messageCount);
        }
        return begin.text().length();
    }

    private RuntimeException hidden(int message) {
        return row.fault(
                field,
                "is rendered by the chat template in a way that hides where message " + (message + 1)
                        + " begins; name a template with {% generation %} (data.chat_template), or train on all tokens"
                        + " (data.loss_on: all)");
    }

    static int common(String a, String b) {
        int n = 0;
        while (n < Math.min(a.length(), b.length()) && a.charAt(n) == b.charAt(n)) {
            n++;
        }
        return n;
    }
}
