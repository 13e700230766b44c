package io.github.psft4j.spark.data;

import io.github.psft4j.data.rows.FileBytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The bytes of a file of any file system of Hadoop. */
final class HadoopBytes implements FileBytes {

    private final FSDataInputStream in;
    private final long size;

    HadoopBytes(String uri, Configuration settings) throws IOException {
        Path path = new Path(URI.create(uri));
        FileSystem files = path.getFileSystem(settings);
        this.size = files.getFileStatus(path).getLen();
        this.in = files.open(path);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        if (position >= size) {
            return -1;
        }
        int n = in.read(position, to.array(), to.arrayOffset() + to.position(), to.remaining());
        to.position(to.position() + Math.max(0, n));
        return n;
    }

    /** The bytes from a position on. */
    InputStream from(long position) throws IOException {
        in.seek(position);
        return in;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
