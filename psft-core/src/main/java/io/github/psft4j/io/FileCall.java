package io.github.psft4j.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Calls of the file system in places that declare no {@link IOException}. */
public final class FileCall {

    private FileCall() {}

    /** A call with a result. */
    public interface Reading<T> {
        /** The result. */
        T read() throws IOException;
    }

    /** A call without a result. */
    public interface Step {
        /** Does it. */
        void run() throws IOException;
    }

    /**
     * The result of a call.
     *
     * @param failure what the message of a failure begins with, such as "cannot read FILE"
     * @throws UncheckedIOException with the words of {@code failure} and the cause
     */
    public static <T> T get(String failure, Reading<T> call) {
        try {
            return call.read();
        } catch (IOException e) {
            throw new UncheckedIOException(failure + ": " + e, e);
        }
    }

    /** {@link #get} without a result. */
    public static void run(String failure, Step call) {
        get(failure, () -> {
            call.run();
            return null;
        });
    }

    /** UTF-8 text of a file that lies beside a class in psft's own jar. */
    public static String resource(Class<?> beside, String name) {
        return get("cannot read " + name + " of psft's own jar", () -> {
            try (InputStream in = beside.getResourceAsStream(name)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
    }
}
