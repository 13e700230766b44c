package io.github.psft4j.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.io.RefusedException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The items of a task on disk: {@code items.jsonl}, a line as soon as a question is done, and {@code task.json} with
 * what they depend on. An evaluation that was broken off goes on if that is the same.
 */
public final class ItemFile implements AutoCloseable {

    /** Name of the file. */
    public static final String FILE = "items.jsonl";

    private static final String TOLD = "task.json";

    /** What may change between the parts of an evaluation: it decides how fast it is. */
    private static final Set<String> FREE = Set.of("batch", "psft");

    static final ObjectMapper JSON = new ObjectMapper();

    private final Path dir;
    private final Map<Integer, Item> items = new TreeMap<>();
    private final BufferedWriter out;

    private ItemFile(Path dir, List<Item> kept) throws IOException {
        this.dir = dir;
        kept.forEach(item -> items.put(item.number(), item));
        rewrite();
        this.out = Files.newBufferedWriter(dir.resolve(FILE), StandardOpenOption.APPEND);
    }

    /**
     * Begins the file, or goes on with it.
     *
     * @param told what the items depend on
     * @param overwrite whether items of another evaluation are thrown away
     * @throws RefusedException naming what differs from the evaluation that is there
     */
    static ItemFile open(Path dir, Map<String, String> told, boolean overwrite) {
        Path settings = dir.resolve(TOLD);
        try {
            Files.createDirectories(dir);
            Files.deleteIfExists(dir.resolve(TaskResult.FILE));
            List<Item> kept = List.of();
            if (Files.exists(settings)) {
                Map<String, String> before = JSON.readValue(settings.toFile(), new TypeReference<>() {});
                List<String> different = differences(before, told);
                if (different.isEmpty()) {
                    kept = read(dir).stream().filter(item -> !item.hasError()).toList();
                } else if (!overwrite) {
                    throw new RefusedException(dir + " holds an evaluation with other settings; give another --out, or"
                            + " --overwrite:\n" + String.join("\n", different));
                }
            }
            AtomicFile.write(
                    settings,
                    (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(told) + "\n")
                            .getBytes(StandardCharsets.UTF_8));
            return new ItemFile(dir, kept);
        } catch (JsonProcessingException e) {
            throw new RefusedException(settings + " is damaged: " + JsonFault.reason(e) + "; give --overwrite", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + dir + ": " + e, e);
        }
    }

    private static List<String> differences(Map<String, String> before, Map<String, String> now) {
        Map<String, String> all = new LinkedHashMap<>(before);
        all.putAll(now);
        List<String> out = new ArrayList<>();
        for (String name : all.keySet()) {
            if (!FREE.contains(name) && !Objects.equals(before.get(name), now.get(name))) {
                out.add("  " + name + ": there " + before.getOrDefault(name, "none") + ", now "
                        + now.getOrDefault(name, "none"));
            }
        }
        return out;
    }

    /**
     * The items of a directory, by number. A last line that was being written when its process ended is left out.
     *
     * @throws RefusedException if there is no such file or another line is damaged
     */
    public static List<Item> read(Path dir) {
        Path file = dir.resolve(FILE);
        if (!Files.exists(file)) {
            return List.of();
        }
        Map<Integer, Item> out = new TreeMap<>();
        try {
            // It may end within a character.
            List<String> lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            for (int i = 0; i < lines.size(); i++) {
                try {
                    Item item = JSON.readValue(lines.get(i), Item.class);
                    out.put(item.number(), item);
                } catch (JsonProcessingException e) {
                    if (i < lines.size() - 1) {
                        throw new RefusedException(
                                file + ":" + (i + 1) + " is damaged: " + JsonFault.reason(e)
                                        + "; remove the line, and its question is asked again",
                                e);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e, e);
        }
        return List.copyOf(out.values());
    }

    /** Items so far, by number. */
    List<Item> items() {
        return items.values().stream()
                .sorted(Comparator.comparingInt(Item::number))
                .toList();
    }

    boolean has(int number) {
        return items.containsKey(number);
    }

    void add(Item item) {
        items.put(item.number(), item);
        try {
            out.write(JSON.writeValueAsString(item));
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot write " + dir.resolve(FILE) + ": " + e + "; the same command goes on where it stopped", e);
        }
    }

    /** All are there: their order is that of the questions. */
    void finish() {
        FileCall.run("cannot write " + dir.resolve(FILE), out::close);
        rewrite();
    }

    private void rewrite() {
        StringBuilder text = new StringBuilder();
        try {
            for (Item item : items.values()) {
                text.append(JSON.writeValueAsString(item)).append('\n');
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an item is plain values", e);
        }
        AtomicFile.write(dir.resolve(FILE), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        FileCall.run("cannot close " + dir.resolve(FILE), out::close);
    }
}
