package io.github.psft4j.data.rows;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of a data file at any place of it, on this machine or in a store that a cluster reaches. */
public interface FileBytes extends Closeable {

    /** Bytes of the file. */
    long size() throws IOException;

    /**
     * Reads some bytes from a position on.
     *
     * @return how many were read, -1 at the end of the file
     */
    int read(ByteBuffer to, long position) throws IOException;

    /** Those of a file of this machine. */
    static FileBytes of(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return new FileBytes() {
            @Override
            public long size() throws IOException {
                return channel.size();
            }

            @Override
            public int read(ByteBuffer to, long position) throws IOException {
                return channel.read(to, position);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
