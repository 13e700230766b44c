package io.github.psft4j.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/** Standard output that remembers why it could not be written, which the print streams around it swallow. */
public final class StandardOutput extends OutputStream {

    /** The property is there from JDK 18 on; before, standard output has the default character set. */
    private static final Charset CHARSET = Charset.forName(
            System.getProperty("stdout.encoding", Charset.defaultCharset().name()));

    private final OutputStream file = new FileOutputStream(FileDescriptor.out);
    private IOException failure;

    /** A print stream for {@link System#setOut}. */
    public PrintStream printStream() {
        return new PrintStream(this, false, CHARSET);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            file.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /**
     * The error that lost output, null if none did. A reader that closes early, such as {@code head}, loses nothing.
     */
    public IOException failure() {
        return failure == null || String.valueOf(failure.getMessage()).contains("Broken pipe") ? null : failure;
    }
}
