package io.github.psft4j.data.encode;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Who speaks: the roles of chat templates, and how other tools spell them. */
final class Roles {
    static final String ASSISTANT = "assistant";
    static final String SYSTEM = "system";
    static final String TOOL = "tool";
    static final String USER = "user";

    /** An assistant's message whose content is its tool call, as LLaMA-Factory and ms-swift write it. */
    static final String TOOL_CALL = "tool_call";

    /** Roles of the chat templates of the model families that psft4j reads. */
    private static final Set<String> OURS =
            Set.of(SYSTEM, "developer", USER, ASSISTANT, TOOL, "function", "ipython", TOOL_CALL);

    /** ShareGPT, Gemini, LLaMA-Factory and ms-swift. */
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("human", USER),
            Map.entry("gpt", ASSISTANT),
            Map.entry("chatgpt", ASSISTANT),
            Map.entry("model", ASSISTANT),
            Map.entry("bot", ASSISTANT),
            Map.entry("observation", TOOL),
            Map.entry("observations", TOOL),
            Map.entry("tool_response", TOOL),
            Map.entry("function_response", TOOL),
            Map.entry("function_call", TOOL_CALL));

    private Roles() {}

    /** The role of chat templates that a word means, null if it is none. Capitals and hyphens do not matter. */
    static String of(String word) {
        String plain = word.toLowerCase(Locale.ROOT).replace('-', '_');
        return OURS.contains(plain) ? plain : OTHERS.get(plain);
    }

    /** All words that are read, for messages. */
    static String all() {
        Set<String> all = new TreeSet<>(OURS);
        all.addAll(OTHERS.keySet());
        return String.join(", ", all);
    }
}
