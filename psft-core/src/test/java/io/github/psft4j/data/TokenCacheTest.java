package io.github.psft4j.data;

import static io.github.psft4j.data.DataFixtures.DIR;
import static io.github.psft4j.data.DataFixtures.TEMPLATE;
import static io.github.psft4j.data.DataFixtures.TOKENIZER;
import static io.github.psft4j.data.DataFixtures.expected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.options.Truncation;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.hf.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token cache: the same list again, and never a wrong one. */
class TokenCacheTest {

    @TempDir
    Path dir;

    private Path data;
    private Path cache;

    @BeforeEach
    void copy() throws Exception {
        data = Files.copy(DIR.resolve("messages.jsonl"), dir.resolve("messages.jsonl"));
        cache = dir.resolve("cache");
    }

    private DataOptions.Builder options() {
        return DataOptions.builder(data).cacheDir(cache).threads(1);
    }

    private static DemonstrationSet read(DataOptions.Builder options) {
        return DemonstrationFiles.read(options.build(), TOKENIZER, TEMPLATE);
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    @Test
    void aSecondReadTakesTheCacheAndGivesTheSame() throws Exception {
        DemonstrationSet first = read(options());
        DemonstrationSet second = read(options().threads(3));
        assertFalse(first.fromCache());
        assertTrue(second.fromCache());
        assertEquals(expected("messages.jsonl"), List.copyOf(second));
        assertEquals(first.report(), second.report());
        for (int i = 0; i < second.size(); i++) {
            assertEquals(second.get(i).length(), second.length(i));
            assertEquals(1, second.weight(i));
        }
        assertEquals(1, files().size());
    }

    @Test
    void whateverChangesTokensMasksOrCountsMakesAnotherCache() throws Exception {
        read(options());
        List<DataOptions.Builder> others = List.of(
                options().lossOn(LossOn.ALL),
                options().lossOn(LossOn.COMPLETION),
                options().maxLength(50),
                options().maxLength(50).truncation(Truncation.KEEP_START),
                options().eosTokenId(5),
                options().appendEos(false),
                options().maxRows(2));
        for (DataOptions.Builder other : others) {
            assertFalse(read(other).fromCache());
            assertTrue(read(other).fromCache());
        }
        ChatTemplate template = ChatTemplate.of("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
        assertFalse(
                DemonstrationFiles.read(options().build(), TOKENIZER, template).fromCache());
        Files.writeString(data, Files.readString(data).replace("wren", "crow"));
        assertFalse(read(options()).fromCache());
        assertEquals(others.size() + 3, files().size());
    }

    /** A killed process leaves its temporary file; another process's, which is being written, must stay. */
    @Test
    void whatKilledProcessesLeftIsRemovedAfterADay() throws Exception {
        Files.createDirectories(cache);
        Path left = Files.createFile(cache.resolve(".psft-1.tokens." + UUID.randomUUID() + ".tmp"));
        Path written = Files.createFile(cache.resolve(".psft-1.tokens." + UUID.randomUUID() + ".tmp"));
        Path foreign = Files.createFile(cache.resolve("notes.tmp"));
        FileTime twoDaysAgo = FileTime.from(Instant.now().minus(2, ChronoUnit.DAYS));
        Files.setLastModifiedTime(left, twoDaysAgo);
        Files.setLastModifiedTime(foreign, twoDaysAgo);
        read(options());
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(written));
        assertTrue(Files.exists(foreign));
    }

    @Test
    void tornCachesAreMadeAnew() throws Exception {
        read(options());
        Path file = files().get(0);
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(3);
        for (int i = 0; i < 60; i++) {
            byte[] bad = i < 20 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            if (i >= 20) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bad);
            DemonstrationSet set = read(options());
            assertFalse(set.fromCache(), "change " + i + " was not noticed");
            assertEquals(expected("messages.jsonl"), List.copyOf(set));
            assertEquals(List.of(file), files());
        }
        assertTrue(read(options()).fromCache());
    }

    @Test
    void aFailedReadLeavesNoCacheBehind() throws Exception {
        Files.writeString(data, Files.readString(data) + "torn\n");
        assertThrows(DataFormatException.class, () -> read(options()));
        assertEquals(List.of(), files());
    }
}
