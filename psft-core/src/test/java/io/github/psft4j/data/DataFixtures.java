package io.github.psft4j.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files that {@code make_fixtures.py} wrote, and what transformers makes of them. */
final class DataFixtures {
    static final Path DIR = Path.of("src/test/resources/data");
    static final Path MODEL = Path.of("src/test/resources/golden/qwen2-chat-tiny");
    static final Tokenizer TOKENIZER = Tokenizer.load(MODEL);
    static final ChatTemplate TEMPLATE = ChatTemplate.load(MODEL);

    private DataFixtures() {}

    static List<Demonstration> expected(String key) throws IOException {
        JsonNode rows = new ObjectMapper()
                .readTree(DIR.resolve("expected.json").toFile())
                .get(key);
        List<Demonstration> out = new ArrayList<>();
        for (JsonNode row : rows) {
            int[] ids = new int[row.get("ids").size()];
            boolean[] mask = new boolean[ids.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = row.get("ids").get(i).intValue();
                mask[i] = row.get("mask").get(i).intValue() == 1;
            }
            out.add(new Demonstration(ids, mask));
        }
        return out;
    }

    static List<Demonstration> read(DataOptions.Builder options) {
        return read(options, TEMPLATE);
    }

    static List<Demonstration> read(DataOptions.Builder options, ChatTemplate template) {
        try (DemonstrationSet set = DemonstrationFiles.read(options.threads(2).build(), TOKENIZER, template)) {
            return List.copyOf(set);
        }
    }

    static DataReport report(DataOptions.Builder options) {
        try (DemonstrationSet set = DemonstrationFiles.read(options.threads(2).build(), TOKENIZER, TEMPLATE)) {
            return set.report();
        }
    }

    static Path write(Path dir, String name, String content) throws IOException {
        return Files.writeString(dir.resolve(name), content);
    }
}
