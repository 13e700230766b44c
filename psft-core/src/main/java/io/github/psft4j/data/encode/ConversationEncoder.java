package io.github.psft4j.data.encode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.hf.text.ChatTokens;
import io.github.psft4j.hf.text.Rendering;
import io.github.psft4j.hf.text.TokenSpans;
import io.github.psft4j.io.JsonFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@link Layout#MESSAGES}: renders a conversation whole and finds what of it is trained.
 *
 * <p>The assistant's parts are those in {@code {% generation %}} of the chat template. A template without it is
 * rendered up to each of the assistant's messages, without and with it; the difference is the part. Tokens are trained
 * if they hold a character of a part, up to the first end-of-sequence token in it, because the model stops there.
 */
public final class ConversationEncoder implements RowEncoder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LossOn lossOn;
    private final TextEncoder text;
    private final UnshownFields unshown;

    public ConversationEncoder(LossOn lossOn, TextEncoder text) {
        this.lossOn = lossOn == LossOn.AUTO ? LossOn.ASSISTANT : lossOn;
        this.text = text;
        this.unshown = new UnshownFields(text);
    }

    @Override
    public Encoded encode(Fields row) {
        List<Message> messages = Conversation.read(row, "messages");
        int last = messages.size() - 1;
        if (lossOn == LossOn.COMPLETION && !messages.get(last).isAssistant()) {
            throw row.fault(
                    "messages",
                    "ends with a message of the role '"
                            + messages.get(last).values().get("role")
                            + "', so there is no completion to train; end rows with the"
                            + " assistant's message, or train on all of its messages (loss_on: assistant)");
        }
        return encode(row, "messages", messages, last);
    }

    /** @param promptSize messages before the completion */
    Encoded encode(Fields row, String field, List<Message> conversation, int promptSize) {
        List<Map<String, Object>> messages = Message.values(conversation);
        Map<String, Object> variables = variables(row);
        Rendering whole = text.render(row, field, messages, variables, false);
        unshown.note(row, field, messages, variables, whole.text());
        TokenSpans encoded = text.encodeWithSpans(row, field, whole.text());
        boolean[] mask;
        if (lossOn == LossOn.ALL) {
            mask = new boolean[encoded.tokens().length];
            Arrays.fill(mask, true);
        } else if (lossOn == LossOn.ASSISTANT && !whole.generationSpans().isEmpty()) {
            mask = ChatTokens.of(whole, encoded).assistantMask();
        } else {
            mask = inside(parts(row, field, messages, promptSize, variables, whole.text()), encoded);
        }
        for (Rendering.Span part : untrained(row, field, conversation, variables, whole)) {
            clear(mask, part, encoded);
        }
        return ended(encoded.tokens(), mask, whole.text(), encoded);
    }

    /** Variables of the template other than the messages: {@code tools}, a list or a string that holds one. */
    static Map<String, Object> variables(Fields row) {
        if (!row.has("tools")) {
            return Map.of();
        }
        JsonNode tools = row.get("tools");
        if (tools.isTextual()) {
            try {
                tools = JSON.readTree(tools.textValue());
            } catch (JsonProcessingException e) {
                throw row.fault("tools", "is a string that is not JSON: " + JsonFault.reason(e), e);
            }
        }
        if (!tools.isArray()) {
            throw row.fault("tools", "is " + Fields.kind(tools) + " instead of a list of JSON schemas");
        }
        return tools.isEmpty() ? Map.of() : Map.of("tools", tools);
    }

    /** The trained parts of the text, found by rendering beginnings of the conversation. */
    private List<Rendering.Span> parts(
            Fields row,
            String field,
            List<Map<String, Object>> messages,
            int promptSize,
            Map<String, Object> variables,
            String whole) {
        List<Rendering.Span> parts = new ArrayList<>();
        if (lossOn == LossOn.COMPLETION) {
            int start = beginning(row, field, messages, promptSize, variables, true, whole);
            parts.add(new Rendering.Span(start, whole.length()));
            return parts;
        }
        for (int i = 0; i < messages.size(); i++) {
            if ("assistant".equals(messages.get(i).get("role"))) {
                int start = i == 0 ? 0 : beginning(row, field, messages, i, variables, true, whole);
                int end = i + 1 == messages.size()
                        ? whole.length()
                        : beginning(row, field, messages, i + 1, variables, false, whole);
                parts.add(new Rendering.Span(start, end));
            }
        }
        return parts;
    }

    /** Parts of the messages of which the row says that they are not trained. */
    private List<Rendering.Span> untrained(
            Fields row, String field, List<Message> conversation, Map<String, Object> variables, Rendering whole) {
        List<Map<String, Object>> messages = Message.values(conversation);
        List<Rendering.Span> marked = whole.generationSpans();
        boolean each = marked.size()
                == conversation.stream().filter(Message::isAssistant).count();
        List<Rendering.Span> parts = new ArrayList<>();
        int answer = 0;
        for (int i = 0; i < conversation.size(); i++) {
            Message message = conversation.get(i);
            if (message.isContext() && message.isAssistant() && each) {
                parts.add(marked.get(answer));
            } else if (message.isContext() && (message.isAssistant() || lossOn == LossOn.ALL)) {
                boolean prompt = message.isAssistant();
                int start = i == 0 ? 0 : beginning(row, field, messages, i, variables, prompt, whole.text());
                int end = i + 1 == messages.size()
                        ? whole.text().length()
                        : beginning(row, field, messages, i + 1, variables, false, whole.text());
                parts.add(new Rendering.Span(start, end));
            }
            answer += message.isAssistant() ? 1 : 0;
        }
        return parts;
    }

    private static void clear(boolean[] mask, Rendering.Span part, TokenSpans encoded) {
        for (int i = 0; i < mask.length; i++) {
            if (encoded.starts()[i] < part.end() && encoded.ends()[i] > part.start()) {
                mask[i] = false;
            }
        }
    }

    /** Length of the text of the first {@code n} messages, which the whole text must begin with. */
    private int beginning(
            Fields row,
            String field,
            List<Map<String, Object>> messages,
            int n,
            Map<String, Object> variables,
            boolean prompt,
            String whole) {
        String begin = text.render(row, field, messages.subList(0, n), variables, prompt)
                .text();
        if (!whole.startsWith(begin)) {
            throw row.fault(
                    field,
                    "is rendered by the chat template in a way that hides where message " + (n + 1)
                            + " begins: its first " + n
                            + " messages alone give another text (templates that drop earlier"
                            + " reasoning do so); use a template with {% generation %}, or train on all "
                            + "tokens (loss_on: all)");
        }
        return begin.length();
    }

    /** Tokens that hold a character of a part. */
    private boolean[] inside(List<Rendering.Span> parts, TokenSpans encoded) {
        boolean[] mask = new boolean[encoded.tokens().length];
        for (Rendering.Span part : parts) {
            boolean over = false;
            for (int i = 0; i < mask.length; i++) {
                boolean in = encoded.starts()[i] < part.end() && encoded.ends()[i] > part.start();
                if (in && !over) {
                    mask[i] = true;
                    over = text.eos() != null && encoded.tokens()[i] == text.eos();
                }
            }
        }
        return mask;
    }

    /** Appends the end-of-sequence token if the text ends in a trained part without it; white space is no obstacle. */
    private Encoded ended(int[] tokens, boolean[] mask, String whole, TokenSpans encoded) {
        int last = mask.length - 1;
        while (last >= 0 && blank(whole, encoded, last)) {
            last--;
        }
        if (text.eos() == null || last < 0 || !mask[last] || tokens[last] == text.eos()) {
            return new Encoded(tokens, mask);
        }
        int[] ended = text.ended(tokens);
        boolean[] trained = Arrays.copyOf(mask, ended.length);
        Arrays.fill(trained, last, ended.length, true);
        return new Encoded(ended, trained);
    }

    private static boolean blank(String whole, TokenSpans encoded, int i) {
        return encoded.starts()[i] >= 0
                && whole.substring(encoded.starts()[i], encoded.ends()[i]).isBlank();
    }
}
