package io.github.psft4j.dl4jzip;

import io.github.psft4j.hf.ModelFormatException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The content of an entry: unpacked as far as it is asked for, its checksum compared at the end, which {@link ZipFile}
 * leaves out.
 */
final class ZippedEntry extends FilterInputStream {

    /** Largest number of bytes that one packed byte can expand to. */
    private static final int DEFLATE_RATIO = 1032;

    private final Path file;
    private final ZipEntry entry;
    private final CRC32 checksum;

    ZippedEntry(Path file, ZipFile zip, ZipEntry entry) throws IOException {
        this(file, zip, entry, new CRC32());
    }

    private ZippedEntry(Path file, ZipFile zip, ZipEntry entry, CRC32 checksum) throws IOException {
        super(new CheckedInputStream(zip.getInputStream(entry), checksum));
        this.file = file;
        this.entry = entry;
        this.checksum = checksum;
    }

    /**
     * Checks a claimed length before memory is taken for it.
     *
     * @throws ModelFormatException if the packed bytes cannot hold as much
     */
    void expectAtMost(long bytes) throws IOException {
        long packed = Math.min(entry.getCompressedSize(), Files.size(file));
        if (bytes / DEFLATE_RATIO > packed) {
            throw ModelFormatException.of(
                    file,
                    entry.getName() + " claims " + bytes + " bytes, more than " + packed + " packed ones can hold");
        }
    }

    /**
     * The whole content.
     *
     * @throws ModelFormatException if it is longer or damaged
     */
    byte[] upTo(int limit) throws IOException {
        byte[] bytes = readNBytes(limit);
        expectEnd();
        return bytes;
    }

    /**
     * Checks that all was read, and read well.
     *
     * @throws ModelFormatException otherwise
     */
    void expectEnd() throws IOException {
        if (read() >= 0) {
            throw ModelFormatException.of(file, entry.getName() + " is longer than it may be or says that it is");
        }
        if (entry.getCrc() != checksum.getValue()) {
            throw ModelFormatException.of(file, entry.getName() + " is damaged: its checksum is not that of the zip");
        }
    }
}
