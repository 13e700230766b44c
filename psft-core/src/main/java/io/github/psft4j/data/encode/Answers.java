package io.github.psft4j.data.encode;

import io.github.psft4j.hf.text.Rendering;
import java.util.List;
import java.util.Map;

/** Which messages of a conversation are context only. */
record Answers(Fields row, List<Message> messages, Rendering whole) {

    /** Per message, whether it is context: the row says so, or it is an empty answer. */
    boolean[] context() {
        boolean[] context = new boolean[messages.size()];
        for (int i = 0; i < context.length; i++) {
            Message message = messages.get(i);
            context[i] = message.isContext();
            if (message.isAssistant()) {
                boolean calls = showsCalls(i);
                if (!calls && isBlank(message.values().get("content")) && isSilent(message.values())) {
                    context[i] = true;
                    row.note("an answer is empty; it is not trained");
                }
            }
        }
        return context;
    }

    /** Whether the message calls tools and the template writes it. */
    private boolean showsCalls(int i) {
        List<String> names = ToolCalls.names(messages.get(i).values());
        if (names.isEmpty()) {
            return false;
        }
        if (names.stream().allMatch(whole.textOf(i)::contains)) {
            if (ToolCalls.isQuoted(messages.get(i).values(), whole.textOf(i))) {
                row.note("the arguments of a tool call are no JSON object, so the chat template writes them as a quoted"
                        + " string; correct them to train a call that a server reads");
            }
            return true;
        }
        row.note("the chat template does not write the tool calls of answers, so they are not trained; name another"
                + " template (data.chat_template)");
        return false;
    }

    private static boolean isBlank(Object content) {
        return content == null || content instanceof String said && said.isBlank();
    }

    /** Whether a message without content has no reasoning either. */
    private static boolean isSilent(Map<String, Object> message) {
        return List.of("reasoning_content", "reasoning", "thinking").stream()
                .allMatch(name -> isBlank(message.get(name)));
    }
}
