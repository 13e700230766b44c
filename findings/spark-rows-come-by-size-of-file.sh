#!/usr/bin/env bash
# Spark 4.2.0: a DataFrame's rows come in the order of the files' sizes, the largest first, though the caller lists the
# files in order. An RDD of the same files comes in the order of their names.
#
# Guessed: read.json([a, b, c]) gives the rows of a, then b, then c, because all that follows keeps the order of
#   partitions. A DataFrame that was written in order is read back in order.
# Seen:    the rows of the largest file come first, with a folder, with a list of files, with collect and with
#   toLocalIterator alike. A sorted DataFrame, written and read back, begins in its last quarter. textFile begins with
#   the first file. Training data that are read so have another order than on one machine, and the order changes when
#   a file grows. Who needs the order reads file by file, or sorts by a column.
# Source:  pyspark 4.2.0 (Spark 4.2.0), local mode, Java 17. The download has 450 MB.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check pyspark==4.2.0

cat > "$work/order.py" <<'PY'
import json, sys
from pyspark.sql import SparkSession, functions as F

work = sys.argv[1]
files = []
row = 0
for name, rows in (("part-0", 10), ("part-1", 1000), ("part-2", 100)):
    files.append(f"{work}/{name}.jsonl")
    with open(files[-1], "w") as f:
        for _ in range(rows):
            f.write(json.dumps({"id": row, "text": "x" * 20}) + "\n")
            row += 1

spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
collected = [r.id for r in spark.read.json(files).collect()]
iterated = [r.id for r in spark.read.json(files).toLocalIterator()]
lines = [json.loads(line)["id"] for line in spark.sparkContext.textFile(",".join(files)).collect()]

# Later rows are longer, so the last of the four files that Spark writes is the largest.
sorted_rows = spark.range(0, 100000, 1, 4).withColumn("text", F.repeat(F.lit("abc"), (F.col("id") / 1000).cast("int")))
sorted_rows.write.parquet(f"{work}/written")
back = [r.id for r in spark.read.parquet(f"{work}/written").collect()]

print("spark", spark.version)
print("DataFrame of three JSONL files, first id of each run:", collected[0], collected[1000], collected[1100])
print("toLocalIterator begins with", iterated[0])
print("RDD of the same files begins with", lines[0], "and is in order:", lines == sorted(lines))
print("sorted rows, written and read back, begin with", back[0])
same = collected == iterated == list(range(10, 1110)) + list(range(10))
sys.exit(0 if same and lines == sorted(lines) and back[0] == 75000 else 1)
PY
SPARK_LOCAL_IP=127.0.0.1 "$work/venv/bin/python" "$work/order.py" "$work" 2> "$work/log" || { tail -n 20 "$work/log" >&2; exit 1; }
