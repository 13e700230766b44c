package io.github.psft4j.data.encode;

import io.github.psft4j.data.options.LossOn;
import java.util.List;
import java.util.Map;

/**
 * A message of a conversation.
 *
 * @param values what the chat template reads: role, content and what else the row has
 * @param trained what the row itself says about training this message; null: nothing, so {@link LossOn} decides
 */
record Message(Map<String, Object> values, Boolean trained) {

    boolean isAssistant() {
        return "assistant".equals(values.get("role"));
    }

    /** Whether the row says that this message is context only. */
    boolean isContext() {
        return Boolean.FALSE.equals(trained);
    }

    /** The messages as a chat template reads them. */
    static List<Map<String, Object>> values(List<Message> messages) {
        return messages.stream().map(Message::values).toList();
    }
}
