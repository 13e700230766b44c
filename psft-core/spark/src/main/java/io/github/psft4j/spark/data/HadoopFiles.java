package io.github.psft4j.spark.data;

import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.FileBytes;
import io.github.psft4j.data.rows.parquet.ParquetSource;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Finds data files in file systems of Hadoop, by the rules for local ones, and cuts them into parts. */
final class HadoopFiles {

    private static final int HEAD = 1 << 12;

    private final Configuration settings;

    HadoopFiles(Configuration settings) {
        this.settings = settings;
    }

    /** A file gives itself; a directory the data files in it, by name, without those of held-out data. */
    List<String> of(List<String> paths) throws IOException {
        List<String> out = new ArrayList<>();
        for (String name : paths) {
            Path path = new Path(URI.create(name));
            FileSystem files = path.getFileSystem(settings);
            FileStatus[] all;
            try {
                all = files.listStatus(path);
            } catch (FileNotFoundException e) {
                throw new DataFormatException(
                        name + ": no such file or directory in the file system " + files.getUri(), e);
            }
            boolean file =
                    all.length == 1 && all[0].isFile() && all[0].getPath().equals(files.makeQualified(path));
            List<java.nio.file.Path> found = Stream.of(all)
                    .filter(FileStatus::isFile)
                    .map(status -> java.nio.file.Path.of(status.getPath().getName()))
                    .filter(one -> file || DataFiles.isData(one))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new DataFormatException(name + ": no data file in this directory; name a file itself");
            }
            String directory = name.endsWith("/") ? name : name + "/";
            DataFiles.trained(found).forEach(one -> out.add(file ? name : directory + one));
        }
        return out;
    }

    /** The parts of a file: rows of Parquet, or lines. */
    List<DataPart> parts(String uri, long most) throws IOException {
        try (HadoopBytes bytes = new HadoopBytes(uri, settings)) {
            if (bytes.size() == 0) {
                throw new DataFormatException(uri + ": the file is empty; fetch it again or take it out");
            }
            byte[] head = head(bytes);
            String text = new String(head, StandardCharsets.ISO_8859_1);
            if (text.startsWith("PAR1") || text.startsWith("PARE")) {
                return ParquetSource.ranges(java.nio.file.Path.of(uri), bytes, most).stream()
                        .map(range -> DataPart.rows(uri, range))
                        .toList();
            }
            String start = text.replace("\u00ef\u00bb\u00bf", "").stripLeading();
            if (!start.startsWith("{") || uri.endsWith(".parquet")) {
                throw new DataFormatException(uri + ": begins with '"
                        + text.substring(0, Math.min(4, text.length()))
                        + "'; a cluster reads Parquet and plain JSON Lines, because packed files, CSV and JSON arrays"
                        + " cannot be cut into parts; write the data as Parquet, or copy them to this machine");
            }
            List<DataPart> out = new ArrayList<>();
            for (long from = 0; from < bytes.size(); from += most) {
                out.add(DataPart.lines(uri, from, Math.min(bytes.size(), from + most)));
            }
            return out;
        }
    }

    private static byte[] head(FileBytes bytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(HEAD, bytes.size()));
        while (head.hasRemaining() && bytes.read(head, head.position()) > 0) {}
        return Arrays.copyOf(head.array(), head.position());
    }
}
