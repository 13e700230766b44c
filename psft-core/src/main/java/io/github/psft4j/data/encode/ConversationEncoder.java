package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.hf.text.Rendering;
import io.github.psft4j.hf.text.TokenSpans;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * {@link Layout#MESSAGES}: renders a conversation whole and finds what of it is trained.
 *
 * <p>The assistant's parts are those in {@code {% generation %}} of the chat template. For a template without it,
 * {@link MessageParts} finds them. A token is trained if it holds a character of a part. What follows the end of a turn
 * in a part, such as a line feed, is not trained, because the model stops there.
 */
public final class ConversationEncoder implements RowEncoder {
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
        Map<String, Object> variables = variables(row);
        List<Message> messages = ToolCalls.read(conversation, text, variables);
        List<Map<String, Object>> values = Message.values(messages);
        Encoded spelled = text.turns().found(row, field, values);
        if (spelled != null) {
            return spelled;
        }
        String quoted = text.turns().in(variables.toString());
        if (quoted != null) {
            return TurnTokens.leftOut(row, "tools", "", quoted);
        }
        Rendering whole = text.render(row, field, values, variables, false);
        unshown.note(row, field, values, variables, whole.text());
        TokenSpans tokens = text.encodeWithSpans(row, field, whole.text(), false);
        MessageParts parts = new MessageParts(text, row, field, values, variables, whole, tokens);
        boolean[] context = new Answers(row, messages, whole).context();
        requireTools(row, variables, whole.text());
        boolean[] mask = new boolean[tokens.tokens().length];
        if (lossOn == LossOn.ALL) {
            Arrays.fill(mask, true);
            for (int i = 0; i < context.length; i++) {
                if (messages.get(i).isContext()) {
                    tokens.mark(mask, messages.get(i).isAssistant() ? parts.answer(i) : parts.message(i), false);
                }
            }
        } else if (lossOn == LossOn.COMPLETION) {
            train(
                    mask,
                    new Rendering.Span(
                            parts.answerStart(promptSize), whole.text().length()),
                    tokens);
            for (int i = promptSize; i < context.length; i++) {
                if (context[i]) {
                    tokens.mark(mask, messages.get(i).isAssistant() ? parts.answer(i) : parts.message(i), false);
                }
            }
        } else if (!whole.generationSpans().isEmpty()) {
            marked(mask, messages, context, parts, whole, tokens);
        } else {
            for (int i = 0; i < context.length; i++) {
                if (messages.get(i).isAssistant() && !context[i]) {
                    train(mask, parts.answer(i), tokens);
                }
            }
        }
        return ended(tokens.tokens(), mask);
    }

    /** Trains what the template marks, without the messages that are context only. */
    private static void marked(
            boolean[] mask,
            List<Message> messages,
            boolean[] context,
            MessageParts parts,
            Rendering whole,
            TokenSpans tokens) {
        List<Rendering.Span> spans = whole.generationSpans();
        int[] answers = IntStream.range(0, context.length)
                .filter(i -> messages.get(i).isAssistant())
                .toArray();
        for (int i = 0; i < spans.size(); i++) {
            int message = spans.size() == answers.length
                    ? answers[i]
                    : parts.messageAt(spans.get(i).start());
            if (message < 0 || !context[message]) {
                tokens.mark(mask, spans.get(i), true);
            }
        }
    }

    /** Variables of the template other than the messages: {@code tools}, a list or a string that holds one. */
    static Map<String, Object> variables(Fields row) {
        JsonNode tools = ToolCalls.tools(row);
        return tools.isEmpty() ? Map.of() : Map.of("tools", tools);
    }

    /** Notes that the template does not show the tools of a row. */
    private static void requireTools(Fields row, Map<String, Object> variables, String whole) {
        if (variables.get("tools") instanceof JsonNode tools
                && ToolCalls.functions(tools).stream().anyMatch(name -> !whole.contains(name))) {
            row.note("the chat template does not write the tools of a row, so the model does not see them; name"
                    + " another template (data.chat_template)");
        }
    }

    /** Trains a part up to the end of its turn; all of it if no special token ends it. */
    private void train(boolean[] mask, Rendering.Span part, TokenSpans tokens) {
        int[] ids = tokens.tokens();
        int last = -1;
        for (int i = 0; i < ids.length; i++) {
            if (tokens.overlaps(i, part)) {
                mask[i] = true;
                last = i;
            }
        }
        if (last < 0) {
            return;
        }
        int end = last;
        while (end >= 0
                && mask[end]
                && !text.stops().contains(ids[end])
                && (text.isSpecial(ids[end]) || text.isBlank(ids[end]))) {
            end--;
        }
        if (end < 0 || !mask[end] || !text.stops().contains(ids[end])) {
            end = lastSaid(ids, mask, last); // no end of sequence there
            if (text.isSpecial(ids[end])) {
                Arrays.fill(mask, end + 1, last + 1, false); // another token ends the turn
            } else if (last + 1 < ids.length && text.stops().contains(ids[last + 1])) {
                mask[last + 1] = true; // the end stands where the next message begins
            }
            return;
        }
        Arrays.fill(mask, end + 1, last + 1, false);
    }

    /** The last trained token but white space; the last if all are. */
    private int lastSaid(int[] ids, boolean[] mask, int last) {
        int said = last;
        while (said >= 0 && mask[said] && text.isBlank(ids[said])) {
            said--;
        }
        return said >= 0 && mask[said] ? said : last;
    }

    /**
     * Appends the end-of-sequence token if the text ends in a trained part without an end; white space is no obstacle.
     */
    private Encoded ended(int[] tokens, boolean[] mask) {
        int last = mask.length - 1;
        while (last >= 0 && text.isBlank(tokens[last])) {
            last--;
        }
        int[] ended = last >= 0 && mask[last] ? text.ended(tokens) : tokens;
        boolean[] trained = Arrays.copyOf(mask, ended.length);
        if (ended.length > tokens.length) {
            Arrays.fill(trained, last, ended.length, true);
        }
        return new Encoded(ended, trained);
    }
}
