#!/usr/bin/env bash
# parquet-java 1.18.1: a data page of 0 values, which pyarrow writes, ends the reading of a list column.
#
# Guessed: pages of no values are passed over, as a dictionary page is; the file is valid, and pyarrow, polars and DuckDB
#   read it.
# Seen:    the reader loads the empty page and asks it for a repetition level: IllegalArgumentException "Reading past
#   RLE/BitPacking stream." after the rows before it. pyarrow 26.0.1 writes such a page between others of small pages
#   (write_batch_size=16, data_page_size=50), in both page versions. Spark reads by the same library.
# Source:  PyPI pyarrow 26.0.1; Maven org.apache.parquet:parquet-hadoop:1.18.1, with the stubs of
#   blue.strategic.parquet:parquet-floor:2.3 in the place of Hadoop; linux-x86_64, JDK 17.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check pyarrow==26.0.1

cat > "$work/write.py" <<'PY'
import sys
import pyarrow as pa
import pyarrow.parquet as pq

rows = [{"ids": [(11 * k + 37 * i) % 500 for k in range(n)]} for i, n in enumerate([25, 30, 37, 12])]
for version in "12":
    pq.write_table(pa.Table.from_pylist(rows), f"{sys.argv[1]}/{version}.parquet", data_page_version=version + ".0", data_page_size=50, write_batch_size=16)
    assert pq.read_table(f"{sys.argv[1]}/{version}.parquet").to_pylist() == rows
PY
cat > "$work/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>blue.strategic.parquet</groupId><artifactId>parquet-floor</artifactId><version>2.3</version></dependency>
    <dependency><groupId>org.apache.parquet</groupId><artifactId>parquet-hadoop</artifactId><version>1.18.1</version></dependency>
  </dependencies>
</project>
POM
cat > "$work/Pages.java" <<'JAVA'
import java.nio.file.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;

public class Pages {
    public static void main(String[] args) throws Exception {
        for (String file : args) {
            int rows = 0;
            ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
            try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(Path.of(file)), options)) {
                MessageType schema = reader.getFileMetaData().getSchema();
                PageReadStore pages = reader.readNextRowGroup();
                var records = new ColumnIOFactory().getColumnIO(schema).getRecordReader(pages, new GroupRecordConverter(schema));
                for (; rows < 4; rows++) {
                    records.read();
                }
                System.out.println("4 rows");
            } catch (IllegalArgumentException e) {
                System.out.println(rows + " rows, then " + e.getMessage());
            }
        }
    }
}
JAVA
"$work/venv/bin/python" "$work/write.py" "$work"
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/Pages.java"
seen=$(java -cp "$work:$work/lib/*" Pages "$work/1.parquet" "$work/2.parquet" 2>/dev/null)
expected='2 rows, then Reading past RLE/BitPacking stream.
2 rows, then Reading past RLE/BitPacking stream.'
printf 'parquet-hadoop 1.18.1:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
