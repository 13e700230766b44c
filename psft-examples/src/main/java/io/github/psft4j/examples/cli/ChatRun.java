package io.github.psft4j.examples.cli;

import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.hub.ChatTemplate;
import io.github.psft4j.transformer.GenerationConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A conversation, line by line. */
final class ChatRun {

    private ChatRun() {}

    static void run(Path dir, String dtype, SamplingOptions sampling, String system, BufferedReader in, PrintWriter out)
            throws IOException {
        ChatTemplate template = ChatTemplate.load(dir);
        GenerationConfig config =
                GenerateRun.config(sampling, GenerateRun.stops(sampling, ModelFiles.endOfSequence(dir)));
        CausalLm model = ModelFiles.load(dir, dtype);
        if (model.tokenizer() == null) {
            throw new Refusal(dir + " has no tokenizer.json, which a chat needs");
        }
        List<Map<String, String>> messages = start(system);
        while (true) {
            out.print("> ");
            out.flush();
            String line = in.readLine();
            if (line == null || line.strip().equals("/exit")) {
                return;
            }
            if (line.strip().equals("/reset")) {
                messages = start(system);
            } else if (!line.isBlank()) {
                messages.add(Map.of("role", "user", "content", line));
                String answer = answer(model, template, messages, config);
                messages.add(Map.of("role", "assistant", "content", answer));
                out.println(answer);
            }
        }
    }

    private static List<Map<String, String>> start(String system) {
        List<Map<String, String>> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Map.of("role", "system", "content", system));
        }
        return messages;
    }

    private static String answer(
            CausalLm model, ChatTemplate template, List<Map<String, String>> messages, GenerationConfig config) {
        int[] prompt = model.tokenizer().encode(template.render(messages, true).text(), false);
        if (prompt.length >= model.config().longestSequence()) {
            return "(the conversation has " + prompt.length + " tokens, the model takes "
                    + model.config().longestSequence() + ": /reset begins anew)";
        }
        int[] answer = model.generate(List.of(prompt), config).get(0).newTokens();
        return model.tokenizer().decode(answer, true).strip();
    }
}
