package io.github.psft4j.data.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/**
 * One row as the file has it.
 *
 * @param file data file of the row
 * @param number line in a JSONL file (empty lines count), row in a Parquet file; from 1
 * @param fields columns by name, before any mapping
 */
public record RawRow(Path file, long number, ObjectNode fields) {

    /** {@code file:line}, as editors and compilers write it. */
    public String location() {
        return file + ":" + number;
    }
}
