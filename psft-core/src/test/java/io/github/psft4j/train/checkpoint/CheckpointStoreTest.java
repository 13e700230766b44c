package io.github.psft4j.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint is whole or it is none, whatever was done to its files. */
class CheckpointStoreTest {

    private static final int MUTATIONS = 1000;

    @TempDir
    Path dir;

    private CheckpointStore store;

    @BeforeEach
    void twoCheckpoints() {
        store = new CheckpointStore(dir);
        write(1);
        write(2);
    }

    private void write(int step) {
        store.write(step, (double) -step, Map.of("test", "yes"), d -> content(d, step));
    }

    private static void content(Path d, int step) throws IOException {
        byte[] bytes = new byte[700];
        new Random(step).nextBytes(bytes);
        Files.write(d.resolve("model.safetensors"), bytes);
        Files.writeString(d.resolve("trainer_state.json"), "{\"step\": " + step + "}");
        Files.write(d.resolve("empty"), new byte[0]);
    }

    @Test
    void everyMutationOfTheNewestLeadsToTheOneBefore() throws IOException {
        Path newest = store.directory(2);
        Path untouched = dir.resolveSibling("untouched");
        copy(newest, untouched);
        Random random = new Random(3);
        for (int i = 0; i < MUTATIONS; i++) {
            String what = mutate(newest, random);
            assertEquals(Optional.of(store.directory(1)), store.newestIntact(), "mutation " + i + ": " + what);
            deleteAll(newest);
            copy(untouched, newest);
        }
        assertEquals(Optional.of(newest), store.newestIntact(), "the untouched one");
    }

    /** Changes something that matters; returns what. */
    private String mutate(Path checkpoint, Random random) throws IOException {
        List<Path> files = list(checkpoint);
        Path file = files.get(random.nextInt(files.size()));
        byte[] bytes = Files.readAllBytes(file);
        int kind = random.nextInt(6);
        switch (bytes.length == 0 && kind < 3 ? 3 : kind) {
            case 0 -> {
                Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                return "cut " + file;
            }
            case 1 -> {
                int at = random.nextInt(bytes.length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
                return "bit of byte " + at + " of " + file;
            }
            case 2 -> {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
                Arrays.fill(longer, bytes.length, longer.length, (byte) 'x');
                Files.write(file, longer);
                return "bytes behind " + file;
            }
            case 3 -> {
                Files.delete(file);
                return "deleted " + file;
            }
            case 4 -> {
                Files.copy(file, checkpoint.resolve("copy-" + random.nextInt()), StandardCopyOption.REPLACE_EXISTING);
                return "copied " + file;
            }
            default -> {
                Path other = store.directory(1).resolve("model.safetensors");
                Files.copy(other, checkpoint.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
                return "model of another step";
            }
        }
    }

    /**
     * Nothing in a manifest is a remark: a metric that was changed makes another checkpoint the best, and the good one
     * goes.
     */
    @Test
    void noByteOfTheManifestCanBeChanged() throws Exception {
        Path manifest = store.directory(2).resolve(Manifest.NAME);
        byte[] good = Files.readAllBytes(manifest);
        byte[] body = Arrays.copyOf(good, good.length - 84);
        String end = new String(good, body.length, 84, StandardCharsets.UTF_8);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        assertEquals(",\n  \"sha256\" : \"" + digest + "\"\n}\n", end, "as docs/checkpoint-format.md has it");
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] bytes = good.clone();
                bytes[at] ^= (byte) (1 << bit);
                Files.write(manifest, bytes);
                String what = "bit " + bit + " of byte " + at;
                assertThrows(CheckpointException.class, () -> Manifest.read(store.directory(2)), what);
            }
        }
    }

    /** The checksum finds damage, not intent: a manifest that fits may still say anything. */
    @Test
    void aManifestThatListsNothingIsRefusedLikeAnyOther() throws IOException {
        Path newest = store.directory(2);
        for (String files : List.of("null", "{\"empty\": null}", "[]", "7")) {
            String body = "{\"format\": 2, \"step\": 2, \"metric\": null, \"environment\": {}, \"files\": " + files;
            Files.write(newest.resolve(Manifest.NAME), Manifest.seal(body.getBytes(StandardCharsets.UTF_8)));
            String message = assertThrows(CheckpointException.class, () -> Manifest.read(newest), files)
                    .getMessage();
            assertTrue(message.contains(Manifest.NAME) && message.contains("damaged"), message);
            assertEquals(Optional.of(store.directory(1)), store.newestIntact(), files);
            assertEquals(1, store.list().size(), files);
        }
    }

    @Test
    void leftoversAndForeignDirectoriesAreNoCheckpoints() throws IOException {
        Files.createDirectory(dir.resolve(".unfinished-step-00000003"));
        Files.createDirectory(dir.resolve("step-00000004"));
        copy(store.directory(2), dir.resolve("step-00000009"));
        assertEquals(Optional.of(store.directory(2)), store.newestIntact());
        write(3);
        assertEquals(Optional.of(store.directory(3)), store.newestIntact());
        assertTrue(Files.notExists(dir.resolve(".unfinished-step-00000003")));
    }

    @Test
    void anotherFormatIsRefusedByNameAndIsNoReasonToStartAnew() throws IOException {
        Path newest = store.directory(2);
        other(newest, 4);
        String newer = assertThrows(CheckpointException.class, () -> Manifest.read(newest))
                .getMessage();
        assertTrue(newer.contains("format 4") && newer.contains("newer psft4j"), newer);
        assertEquals(Optional.of(store.directory(1)), store.newestIntact());
        other(store.directory(1), 1);
        String none = assertThrows(CheckpointException.class, () -> store.newestIntact())
                .getMessage();
        assertTrue(none.contains("format 4") && none.contains("start again"), none);
        Path older = store.directory(1);
        String old = assertThrows(CheckpointException.class, () -> Manifest.read(older))
                .getMessage();
        assertTrue(old.contains("format 1") && old.contains("checksum") && !old.contains("newer psft4j"), old);
    }

    /** A run resumed through another name of its directory goes on there. */
    @Test
    void aCheckpointIsKnownByWhateverPathNamesIt() throws IOException {
        Path here = store.directory(2);
        assertTrue(store.holds(here));
        assertTrue(store.holds(here.resolve("../" + here.getFileName())));
        assertFalse(store.holds(here.getParent()));
        Path elsewhere = Files.createDirectories(here.resolveSibling("copy").resolve(here.getFileName()));
        assertFalse(store.holds(elsewhere), "the same name elsewhere");
        Path missing = store.directory(9);
        String message = assertThrows(UncheckedIOException.class, () -> store.holds(missing))
                .getMessage();
        assertTrue(message.contains(missing.toString()), message);
    }

    @Test
    void damagedCheckpointsAreNoReasonToStartAnew() throws IOException {
        for (int step : new int[] {1, 2}) {
            Files.writeString(store.directory(step).resolve(Manifest.NAME), "{");
        }
        String none = assertThrows(CheckpointException.class, () -> store.newestIntact())
                .getMessage();
        assertTrue(none.contains("damaged") && none.contains("step-00000002") && none.contains("start again"), none);
    }

    private static void other(Path checkpoint, int format) throws IOException {
        Path manifest = checkpoint.resolve(Manifest.NAME);
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replace("\"format\" : " + Manifest.FORMAT, "\"format\" : " + format));
    }

    @Test
    void aFailedWriteLeavesEverythingAsItWas() {
        UncheckedIOException failure = assertThrows(
                UncheckedIOException.class,
                () -> store.write(2, null, Map.of(), d -> {
                    content(d, 2);
                    throw new IOException("No space left on device");
                }));
        assertTrue(failure.getMessage().contains("No space left")
                && failure.getMessage().contains("step-00000002"));
        assertEquals(Optional.of(store.directory(2)), store.newestIntact());
        assertEquals(2, store.list().size());
    }

    @Test
    void retentionKeepsTheNewestTheMultiplesAndTheBest() {
        for (int step = 3; step <= 9; step++) {
            store.write(step, Math.abs(step - 4.0), Map.of(), d -> content(d, 0));
        }
        store.prune(new Retention(2, 3, true));
        // 1 and 2 were written with negative metrics: 2 is the lowest.
        assertEquals(
                List.of(9, 8, 6, 3, 2),
                store.list().stream().map(Manifest::step).toList());
    }

    private static List<Path> list(Path d) throws IOException {
        try (Stream<Path> files = Files.list(d)) {
            return files.sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : list(from)) {
            Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void deleteAll(Path d) throws IOException {
        for (Path file : list(d)) {
            Files.delete(file);
        }
    }

    /** A manifest from a stranger cannot reach files outside the directory. */
    @Test
    void linksAndPathsOutOfTheDirectoryAreRefused() throws IOException {
        Path secret = Files.writeString(dir.resolveSibling("secret"), "secret");
        Path newest = store.directory(2);
        Path manifest = newest.resolve(Manifest.NAME);
        String good = Files.readString(manifest);
        String body = good.substring(0, good.lastIndexOf(','));
        Files.write(
                manifest,
                Manifest.seal(body.replace("\"empty\"", "\"../../secret\"").getBytes(StandardCharsets.UTF_8)));
        assertTrue(assertThrows(
                        CheckpointException.class, () -> Manifest.read(newest).verify(newest))
                .getMessage()
                .contains("secret is missing"));
        Files.writeString(manifest, good);
        Files.delete(newest.resolve("empty"));
        try {
            Files.createSymbolicLink(newest.resolve("empty"), secret);
        } catch (IOException | UnsupportedOperationException e) {
            Assumptions.abort("symbolic links need a right on this system: " + e);
        }
        assertTrue(assertThrows(
                        CheckpointException.class, () -> Manifest.read(newest).verify(newest))
                .getMessage()
                .contains("not a plain file"));
        assertEquals(Optional.of(store.directory(1)), store.newestIntact());
        Files.delete(newest.resolve("empty"));
    }
}
