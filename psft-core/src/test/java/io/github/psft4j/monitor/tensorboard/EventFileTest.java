package io.github.psft4j.monitor.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.monitor.Steps;
import io.github.psft4j.train.TrainingPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files are those of TensorBoard, byte for byte, and complete on disk after every step. */
class EventFileTest {

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_795_269_000, 250_000_000), ZoneOffset.UTC);

    /** The same three events written by RecordWriter and the protocol buffers of tensorboard 2.21.0. */
    private static final String WRITTEN_BY_TENSORBOARD =
            "1800000000000000a37f4b22090000106268c0da411a0d627261696e2e4576656e"
                    + "743a32401574c431000000000000009d8383e9090000106268c0da4110ac022a230a100a09747261"
                    + "696e2f6e6c6c15000020400a0f0a08"
                    + "747261696e2f6c721517b7d138cb48324040000000000000002817f495090000106268c0da4110ac"
                    + "022a320a300a0973616d706c65732f"
                    + "3042190807120412020801420f3e204772c3bcc39f650a0a4c696c794a080a060a04746578740210965f";

    @Test
    void bytesAreThoseOfTensorBoardItself(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("events");
        try (EventFile events = new EventFile(file, CLOCK)) {
            events.scalars(
                    300, List.of(new EventFile.Scalar("train/nll", 2.5), new EventFile.Scalar("train/lr", 1e-4)));
            events.text(300, "samples/0", "> Gr\u00fc\u00dfe\n\nLily");
        }
        assertEquals(WRITTEN_BY_TENSORBOARD, HexFormat.of().formatHex(Files.readAllBytes(file)));
    }

    /** Written by tensorboard 2.21.0, too: its reader then drops what an earlier file has of step 5 and later. */
    @Test
    void aResumedRunStartsWithThePurgeRecord(@TempDir Path dir) throws Exception {
        TensorBoardListener listener = new TensorBoardListener(dir.resolve("run/tensorboard"), CLOCK);
        listener.onStart(new TrainingPlan("psft", 9, 9, 0, 4, 100, 4));
        listener.close();
        String purge = "0f000000000000006d532b09090000106268c0da4110053a020801497d423d";
        String written = HexFormat.of().formatHex(Files.readAllBytes(onlyFile(dir)));
        assertTrue(written.endsWith(purge), written);
    }

    /** RFC 3720, B.4, unmasked 0x8a9136aa; the mask as in TensorFlow's crc32c.h. */
    @Test
    void checksumIsTheMaskedCrc32c() {
        assertEquals(Integer.rotateRight(0x8a9136aa, 15) + 0xa282ead8, EventFile.maskedCrc(new byte[32], 32));
    }

    @Test
    void everyStepIsOnDiskBeforeTheNext(@TempDir Path dir) throws Exception {
        TensorBoardListener listener = new TensorBoardListener(dir.resolve("run/tensorboard"), CLOCK);
        listener.onStart(new TrainingPlan("psft", 2, 2, 0, 4, 100));
        listener.onStep(Steps.step(1).build());
        long first = Files.size(onlyFile(dir));
        listener.onStep(Steps.step(2).build());
        long second = Files.size(onlyFile(dir));
        listener.close();
        assertTrue(second > first && Files.size(onlyFile(dir)) == second);
        String bytes = Files.readString(onlyFile(dir), StandardCharsets.ISO_8859_1);
        for (String tag : List.of("train/nll", "train/clip_fraction", "train/grad_norm", "train/tokens_per_second")) {
            assertTrue(bytes.contains(tag), tag);
        }
    }

    private static Path onlyFile(Path dir) throws Exception {
        try (Stream<Path> files = Files.list(dir.resolve("run/tensorboard"))) {
            List<Path> all = files.toList();
            assertEquals(1, all.size());
            assertTrue(all.get(0).getFileName().toString().startsWith("events.out.tfevents.1795269000."));
            return all.get(0);
        }
    }
}
