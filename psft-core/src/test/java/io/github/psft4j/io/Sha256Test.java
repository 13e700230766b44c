package io.github.psft4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Digests by the sha256sum command: checkpoints, caches and fingerprints hold such values. */
class Sha256Test {

    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void bytesTextsAndFilesGiveTheSameDigest(@TempDir Path dir) throws Exception {
        byte[] bytes = "abc".getBytes(StandardCharsets.UTF_8);
        assertEquals(ABC, Sha256.of(bytes));
        assertEquals(ABC, new Sha256().add("a").add("bc").hex());
        Sha256 ofFile = new Sha256();
        assertEquals(3, ofFile.add(Files.write(dir.resolve("abc"), bytes)));
        assertEquals(ABC, ofFile.hex());
    }

    @Test
    void textsCountWithTheirLengths() {
        assertEquals(
                "7dad771a810c4f0ebeaa7e34cfeaf6f55b4739d25243a18bd0b47b45cb688c67", // of 3:abc2:de
                Sha256.of("abc", "de"));
    }
}
