package io.github.psft4j.data.encode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Layouts of two fields: a prompt and what follows.
 *
 * <p>Prompt and completion are tokenised apart, so that the prompt has the ids that it will have at generation. The
 * end-of-sequence token follows a completion. Lists of messages on both sides are one conversation.
 */
public final class PromptEncoder implements RowEncoder {
    private final String promptField;
    private final String completionField;
    private final String suffix;
    private final LossOn lossOn;
    private final TextEncoder text;
    private final ConversationEncoder conversations;

    public PromptEncoder(Layout layout, String suffix, LossOn lossOn, TextEncoder text) {
        this.promptField = layout.fields().get(0);
        this.completionField = layout.fields().get(1);
        this.suffix = suffix;
        this.lossOn = lossOn == LossOn.AUTO ? LossOn.COMPLETION : lossOn;
        this.text = text;
        this.conversations = new ConversationEncoder(this.lossOn, text);
    }

    @Override
    public Encoded encode(Fields row) {
        boolean messages = row.get(promptField).isArray();
        if (messages && row.get(completionField).isArray()) {
            return conversation(row);
        }
        boolean chat = messages || row.options().promptAsUserMessage();
        if (lossOn == LossOn.ASSISTANT && !chat) {
            throw row.fault(
                    promptField,
                    "is a string, so nothing is said by an assistant; train on the completion instead"
                            + " (loss_on: completion)");
        }
        String completion = row.string(completionField);
        int[] prompt = chat ? renderedPrompt(row, messages) : plainPrompt(row);
        int[] ids = text.ended(text.encode(row, completionField, completion, false));
        return Encoded.of(prompt, ids, lossOn == LossOn.ALL);
    }

    private int[] plainPrompt(Fields row) {
        return text.encode(row, promptField, row.string(promptField) + suffix, true);
    }

    private int[] renderedPrompt(Fields row, boolean messages) {
        List<? extends Map<String, ?>> prompt = messages
                ? Message.values(Conversation.read(row, promptField))
                : List.of(Map.of("role", "user", "content", row.string(promptField) + suffix));
        Map<String, Object> variables = ConversationEncoder.variables(row);
        String rendered = text.render(row, promptField, prompt, variables, true).text();
        return text.encode(row, promptField, rendered, false);
    }

    private Encoded conversation(Fields row) {
        List<Message> prompt = Conversation.read(row, promptField);
        List<Message> all = new ArrayList<>(prompt);
        all.addAll(Conversation.read(row, completionField));
        return conversations.encode(row, completionField, all, prompt.size());
    }
}
