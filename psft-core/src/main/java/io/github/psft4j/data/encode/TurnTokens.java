package io.github.psft4j.data.encode;

import io.github.psft4j.hf.text.Rendering;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The special tokens that frame the turns of a chat. A content that spells one would end a turn or forge another:
 * tokenizers read the spelling as the token, wherever it stands.
 */
final class TurnTokens {
    private final Set<String> spellings = new LinkedHashSet<>();

    /** Finds them in the rendering of two plain messages, and adds the tokens that end a sequence. */
    TurnTokens(TextEncoder text) {
        List<Map<String, Object>> plain =
                List.of(Map.of("role", "user", "content", "x"), Map.of("role", "assistant", "content", "y"));
        for (int size = 1; size <= plain.size(); size++) {
            Rendering rendering = text.renderedOrNull(plain.subList(0, size), Map.of(), size == 1);
            if (rendering != null) {
                for (int token : text.tokenizer().encode(rendering.text(), false)) {
                    add(text, token);
                }
            }
        }
        text.stops().forEach(token -> add(text, token));
    }

    private void add(TextEncoder text, int token) {
        String spelling = text.piece(token);
        // Thoughts are written into contents, and some tokenizers make their marks special.
        if (text.isSpecial(token) && spelling.length() > 1 && !spelling.contains("think")) {
            spellings.add(spelling);
        }
    }

    /** The first of these tokens that a text spells, null if none. */
    String in(String content) {
        for (String spelling : spellings) {
            if (content.contains(spelling)) {
                return spelling;
            }
        }
        return null;
    }

    /** Why a row is left out: the first message that spells such a token; null if none does. */
    Encoded found(Fields row, String field, List<Map<String, Object>> messages) {
        for (int i = 0; i < messages.size(); i++) {
            String token = in(messages.get(i).toString());
            if (token != null) {
                return leftOut(row, field, "message " + (i + 1) + " ", token);
            }
        }
        return null;
    }

    static Encoded leftOut(Fields row, String field, String where, String token) {
        return Encoded.leftOut(
                DropReason.SPECIAL_TOKEN,
                row.fault(
                                field,
                                where + "spells the special token " + token + ", which would begin or end a turn;"
                                        + " spell it otherwise to train on the row")
                        .getMessage());
    }
}
