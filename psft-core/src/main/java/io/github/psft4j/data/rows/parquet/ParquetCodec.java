package io.github.psft4j.data.rows.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;

/** Decompresses pages: Snappy, Zstandard and LZ4 in pure Java, gzip by the JDK. */
final class ParquetCodec {

    private ParquetCodec() {}

    /** @throws IOException if the data are damaged or the codec is not read */
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
            case GZIP -> {
                try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(in, from, length))) {
                    n = gzip.readNBytes(out, 0, uncompressed);
                    n += gzip.read() >= 0 ? 1 : 0;
                }
            }
            default ->
                throw new IOException(
                        "the codec " + codec + " is not read; write the file with snappy, zstd, gzip or none");
        }
        if (n != uncompressed) {
            throw new IOException("a page has " + n + " bytes instead of " + uncompressed);
        }
        return out;
    }

    private static int run(Decompressor decompressor, byte[] in, int from, int length, byte[] out) {
        return decompressor.decompress(in, from, length, out, 0, out.length);
    }
}
