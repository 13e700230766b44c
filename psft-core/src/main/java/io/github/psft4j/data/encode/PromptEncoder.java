package io.github.psft4j.data.encode;

import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Layouts of two fields: a prompt and what follows.
 *
 * <p>Strings are tokenised as one text ({@link JoinedText}). The end-of-sequence token follows a completion. Lists of
 * messages on both sides are one conversation.
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
        String said = text.said(completion);
        if (lossOn != LossOn.ALL && said.isEmpty()) {
            return Encoded.leftOut(
                    DropReason.NO_TRAINED_TOKENS,
                    row.fault(completionField, "is an empty answer").getMessage());
        }
        if (!chat) {
            return plain(row, completion);
        }
        Map<String, Object> variables = ConversationEncoder.variables(row);
        List<Map<String, Object>> prompt = messages
                ? Message.values(ToolCalls.read(Conversation.read(row, promptField), text, variables))
                : List.of(Map.of("role", "user", "content", row.string(promptField) + suffix));
        Encoded spelled = text.turns().found(row, promptField, prompt);
        String quoted = text.turns().in(said);
        if (spelled != null || quoted != null) {
            return spelled != null ? spelled : TurnTokens.leftOut(row, completionField, "", quoted);
        }
        String rendered = text.render(row, promptField, prompt, variables, true).text();
        return joined(row, false).encode(rendered, completion, lossOn == LossOn.ALL);
    }

    private Encoded plain(Fields row, String completion) {
        String prompt = row.string(promptField) + suffix;
        if (text.hasTemplate() && text.turns().in(prompt) == null) {
            row.note("prompts are strings, trained as raw text, and the model has a chat template; set"
                    + " data.prompt_as_user_message: true to train what a chat asks");
        }
        String said = text.said(completion);
        if (text.stops().stream().map(text::piece).anyMatch(end -> !end.isEmpty() && said.contains(end))) {
            row.note("a completion holds an end of sequence before its end, so the model learns to stop there; spell"
                    + " it otherwise, or write the turns as messages");
        }
        return joined(row, true).encode(prompt, completion, lossOn == LossOn.ALL);
    }

    private JoinedText joined(Fields row, boolean addSpecialTokens) {
        return new JoinedText(text, row, promptField, completionField, addSpecialTokens);
    }

    private Encoded conversation(Fields row) {
        List<Message> prompt = Conversation.read(row, promptField);
        List<Message> all = new ArrayList<>(prompt);
        all.addAll(Conversation.read(row, completionField));
        return conversations.encode(row, completionField, all, prompt.size());
    }
}
