package io.github.psft4j.data.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows of a CSV or TSV file with a header (RFC 4180: cells in quotes may hold separators, line breaks and doubled
 * quotes). Every cell is a text, an empty one too. Rows are numbered from 1, without the header.
 */
final class CsvSource implements RowSource {
    private static final CsvMapper CSV = new CsvMapper(CsvFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(JsonlSource.MAX_LINE)
                    .build())
            .build());

    private final Path file;
    private final MappingIterator<String[]> rows;
    private final List<String> header;
    private long number;

    CsvSource(Path file, InputStream in, char separator) throws IOException {
        this.file = file;
        try {
            this.rows = CSV.readerFor(String[].class)
                    .with(CsvParser.Feature.WRAP_AS_ARRAY)
                    .with(CsvParser.Feature.SKIP_EMPTY_LINES)
                    .with(CsvSchema.emptySchema().withColumnSeparator(separator))
                    .readValues(Unpacked.text(in, file));
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw refused(e); // the reader looks ahead
        }
        String[] first = cells();
        if (first == null) {
            throw new DataFormatException(file + ": there is no header; the first line names the columns");
        }
        this.header = List.of(first);
        check(separator);
    }

    private void check(char separator) {
        Set<String> names = new HashSet<>();
        for (String name : header) {
            if (!names.add(name)) {
                throw new DataFormatException(
                        file + ":1: the header has the column '" + Shown.brief(name) + "' twice; rename one");
            }
        }
        String only = header.get(0);
        if (header.size() == 1 && (only.contains(";") || only.contains("\t") || only.contains(","))) {
            throw new DataFormatException(file + ":1: the header is one column, '" + Shown.brief(only)
                    + "': cells are separated by " + (separator == '\t' ? "a tab in .tsv" : "a comma in .csv")
                    + " files; write the file with that separator");
        }
    }

    @Override
    public Result next() throws IOException {
        String[] cells = cells();
        if (cells == null) {
            return null;
        }
        number++;
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        if (cells.length != header.size()) {
            return new Result(
                    new RawRow(file, number, row),
                    new DataFormatException(file + ":" + number + ": the row has " + cells.length
                            + " cells and the header " + header.size() + ": " + Shown.brief(String.join(" | ", cells))
                            + "; put cells with separators or line breaks in quotes"));
        }
        for (int i = 0; i < cells.length; i++) {
            row.put(header.get(i), cells[i]);
        }
        return new Result(new RawRow(file, number, row), null);
    }

    private String[] cells() throws IOException {
        try {
            return rows.hasNextValue() ? rows.nextValue() : null;
        } catch (JsonProcessingException | RuntimeJsonMappingException | CharacterCodingException e) {
            throw refused(e);
        }
    }

    private DataFormatException refused(Exception e) {
        if (e instanceof CharacterCodingException) {
            return new DataFormatException(
                    file + ": not UTF-8 behind row " + number
                            + "; convert the file, for instance: iconv -f WINDOWS-1252 -t UTF-8",
                    e);
        }
        String reason =
                e instanceof JsonProcessingException json ? JsonRow.reason(json) : String.valueOf(e.getMessage());
        return new DataFormatException(
                file + ":" + (number + 1) + ": not valid CSV behind row " + number + ": " + Shown.wide(reason)
                        + "; a cell with quotes, separators or line breaks stands in quotes, its quotes doubled",
                e);
    }

    @Override
    public long bytes() {
        return Math.max(0, rows.getParser().currentLocation().getCharOffset());
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
