package io.github.psft4j.cli.model;

import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A conversation, line by line. */
final class ChatRun {

    private ChatRun() {}

    static void run(
            ModelFiles files, String dtype, SamplingOptions sampling, String system, BufferedReader in, PrintWriter out)
            throws IOException {
        files.check(); // what is no model is not called one without a chat template
        if (files.template() == null) {
            ChatTemplate.load(files.dir()); // refuses a model without one before its weights are read
        }
        GenerationConfig config = GenerateRun.config(sampling, GenerateRun.stops(sampling, Set.of()));
        CausalLm model = GenerateRun.load(files, dtype, sampling);
        if (model.tokenizer() == null) {
            throw new RefusedException(files.dir() + " has no tokenizer.json, which a chat needs");
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
                String answer = answer(model, messages, config, out);
                messages.add(Map.of("role", "assistant", "content", answer));
                out.println();
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

    /** Prints the answer while it comes. */
    private static String answer(
            CausalLm model, List<Map<String, String>> messages, GenerationConfig config, PrintWriter out) {
        return model.chat(messages, config, (sequence, token, logProb, text) -> {
                    out.print(text);
                    out.flush();
                    return true;
                })
                .text();
    }
}
