package io.github.psft4j.data.rows.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;

/** Decompresses pages: Snappy, Zstandard and LZ4, also in Hadoop's frames, in pure Java; gzip by the JDK. */
final class ParquetCodec {

    private ParquetCodec() {}

    /** @throws UnsupportedOperationException if the codec is not read, which is Brotli and LZO */
    static void requireRead(CompressionCodec codec) {
        if (codec == CompressionCodec.BROTLI || codec == CompressionCodec.LZO) {
            throw new UnsupportedOperationException("the codec " + codec
                    + " is not read; write the file with zstd, snappy, gzip, lz4 or none, for instance"
                    + " pyarrow.parquet.write_table(pyarrow.parquet.read_table(OLD), NEW, compression='zstd')");
        }
    }

    /** @throws IOException if the data are damaged */
    static byte[] decompress(CompressionCodec codec, byte[] in, int from, int length, int uncompressed)
            throws IOException {
        byte[] out = new byte[uncompressed];
        int n;
        switch (codec) {
            case UNCOMPRESSED -> {
                n = length;
                System.arraycopy(in, from, out, 0, Math.min(n, uncompressed));
            }
            case SNAPPY -> n = run(new SnappyDecompressor(), in, from, length, out);
            case ZSTD -> n = run(new ZstdDecompressor(), in, from, length, out);
            case LZ4_RAW -> n = run(new Lz4Decompressor(), in, from, length, out);
            case LZ4 -> n = lz4OfHadoop(in, from, length, out);
            case GZIP -> {
                try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(in, from, length))) {
                    n = gzip.readNBytes(out, 0, uncompressed);
                    n += gzip.read() >= 0 ? 1 : 0;
                }
            }
            default -> throw new UnsupportedOperationException(codec + " is not read");
        }
        if (n != uncompressed) {
            throw new IOException("a page has " + n + " bytes instead of " + uncompressed);
        }
        return out;
    }

    /**
     * The frames of Hadoop, as Spark and old parquet-java write them: a block has its length, then parts, each with its
     * compressed length in front. Writers that knew nothing of the frames left them out.
     */
    private static int lz4OfHadoop(byte[] in, int from, int length, byte[] out) throws IOException {
        ByteBuffer frames = ByteBuffer.wrap(in, from, length).slice(); // big-endian
        int n = 0;
        while (frames.remaining() >= 2 * Integer.BYTES) {
            int block = frames.getInt();
            int end = n + block;
            if (block < 0 || block > out.length - n) {
                return run(new Lz4Decompressor(), in, from, length, out);
            }
            while (n < end) {
                int part = frames.remaining() < Integer.BYTES ? -1 : frames.getInt();
                if (part < 0 || part > frames.remaining()) {
                    return run(new Lz4Decompressor(), in, from, length, out);
                }
                n += new Lz4Decompressor().decompress(in, from + frames.position(), part, out, n, end - n);
                frames.position(frames.position() + part);
                if (part == 0) {
                    throw new IOException("a part of a page has no bytes");
                }
            }
        }
        return n;
    }

    private static int run(Decompressor decompressor, byte[] in, int from, int length, byte[] out) {
        return decompressor.decompress(in, from, length, out, 0, out.length);
    }
}
