package io.github.psft4j.data.rows;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that people give as data and that hold none, known by their first bytes. */
enum OtherFormat {
    ZIP("PK\3\4", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    EXCEL("\u00d0\u00cf\u0011\u00e0", "an Excel workbook of before 2007", "save the sheet as CSV"),
    GGUF("GGUF", "a model of llama.cpp (GGUF)", "give the data file; a model is given as a Hugging Face directory"),
    LFS("version https://git-lfs", "a Git LFS pointer, not the file itself", "run \"git lfs pull\" where it is from"),
    ARROW("ARROW1", "an Arrow or Feather file", "write it as Parquet (pyarrow.parquet.write_table)"),
    AVRO("Obj\1", "an Avro file", "write it as Parquet or JSONL"),
    SQLITE("SQLite format 3", "an SQLite database", "export the table as JSONL or Parquet"),
    HDF5("\u0089HDF", "an HDF5 file", "write it as Parquet or JSONL"),
    NUMPY("\u0093NUMPY", "a NumPy array", "write rows of input_ids as JSONL or Parquet"),
    PICKLE("\u0080\4\u0095", "a Python pickle", "write it as Parquet or JSONL; pickles can run code"),
    PDF("%PDF", "a PDF document", "data are rows of JSONL or Parquet"),
    XZ("\u00fd7zXZ", "an xz archive", "unpack it: xz -d FILE"),
    BZIP2("BZh91AY", "a bzip2 archive", "unpack it: bunzip2 FILE"),
    SEVEN_ZIP("7z\u00bc\u00af", "a 7-Zip archive", "unpack it"),
    HTML("<!DOCTYPE html", "a web page", "fetch the file itself: its raw or download address"),
    HTML_TAG("<html", "a web page", "fetch the file itself: its raw or download address");

    private static final int LONGEST = 32;

    private final String magic; // in ISO 8859-1
    private final String what;
    private final String wayOut;

    OtherFormat(String magic, String what, String wayOut) {
        this.magic = magic;
        this.what = what;
        this.wayOut = wayOut;
    }

    /**
     * Accepts a file that may hold rows.
     *
     * @throws DataFormatException naming the file, its format and the way out
     */
    static void refuse(Path file) {
        String start;
        try (InputStream in = Files.newInputStream(file)) {
            start = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
        for (OtherFormat format : values()) {
            if (start.regionMatches(format.name().startsWith("HTML"), 0, format.magic, 0, format.magic.length())) {
                throw new DataFormatException(
                        file + ": is " + format.what + "; " + format.wayOut + ". Data files are JSONL or Parquet");
            }
        }
    }
}
