package io.github.psft4j.faults;

import io.github.psft4j.faults.FileOperation.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.lucene.tests.mockfile.FilterFileChannel;
import org.apache.lucene.tests.mockfile.FilterFileSystemProvider;

/**
 * The real file system, with a word before every operation: the hook may let it happen, fail it by an exception, or
 * block. Every write is done in two halves with a word before each, so that files can be torn.
 */
public final class FaultyFiles extends FilterFileSystemProvider {

    private static final Set<OpenOption> REPLACE =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

    private final Hook hook;

    /** Hears of every operation before it happens. */
    public interface Hook {
        /** @throws IOException to fail the operation, which then has no effect */
        void before(FileOperation operation) throws IOException;
    }

    private FaultyFiles(Hook hook) {
        super("faulty", FileSystems.getDefault());
        this.hook = hook;
    }

    /** The same file or directory, reached through the hook. */
    public static Path wrap(Path path, Hook hook) {
        return new FaultyFiles(hook).wrapPath(path);
    }

    private void before(Kind kind, Path path) throws IOException {
        hook.before(new FileOperation(kind, path, null));
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attributes) throws IOException {
        before(Kind.CREATE_DIRECTORY, dir);
        super.createDirectory(dir, attributes);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        hook.before(new FileOperation(Kind.MOVE, source, target));
        super.move(source, target, options);
    }

    @Override
    public void delete(Path path) throws IOException {
        before(Kind.DELETE, path);
        super.delete(path);
    }

    @Override
    public boolean deleteIfExists(Path path) throws IOException {
        try {
            delete(path);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path dir, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        before(Kind.LIST, dir);
        return super.newDirectoryStream(dir, filter);
    }

    @Override
    public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
        before(Kind.READ, path);
        return super.newInputStream(path, options);
    }

    @Override
    public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
        Set<OpenOption> all = new HashSet<>(Arrays.asList(options));
        all.add(StandardOpenOption.WRITE);
        return Channels.newOutputStream(newFileChannel(path, options.length == 0 ? REPLACE : all));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        boolean writes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        before(writes ? Kind.CREATE : Kind.READ, path);
        return new Channel(super.newFileChannel(path, options, attributes), path, writes);
    }

    private final class Channel extends FilterFileChannel {

        private final Path path;
        private final boolean writes;

        Channel(FileChannel delegate, Path path, boolean writes) {
            super(delegate);
            this.path = path;
            this.writes = writes;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int length = source.remaining();
            before(Kind.WRITE, path);
            writeFully(firstHalf(source));
            before(Kind.WRITE_REST, path);
            writeFully(source);
            return length;
        }

        private void writeFully(ByteBuffer part) throws IOException {
            while (part.hasRemaining()) {
                delegate.write(part);
            }
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            int length = source.remaining();
            before(Kind.WRITE, path);
            ByteBuffer half = firstHalf(source);
            long at = position;
            while (half.hasRemaining()) {
                at += delegate.write(half, at);
            }
            before(Kind.WRITE_REST, path);
            while (source.hasRemaining()) {
                at += delegate.write(source, at);
            }
            return length;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            long written = 0;
            for (int i = offset; i < offset + length; i++) {
                written += write(sources[i]);
            }
            return written;
        }

        private ByteBuffer firstHalf(ByteBuffer source) {
            int half = source.remaining() / 2;
            ByteBuffer first = source.slice(source.position(), half);
            source.position(source.position() + half);
            return first;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            before(
                    Kind.FORCE,
                    path); // and no more: only a power cut could tell, and thousands of flushes take their time
        }

        @Override
        protected void implCloseChannel() throws IOException {
            try {
                if (writes) {
                    before(Kind.CLOSE, path);
                }
            } finally {
                super.implCloseChannel();
            }
        }
    }
}
