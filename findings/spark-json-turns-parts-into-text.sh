#!/usr/bin/env bash
# Spark 4.2.0: read.json turns the parts of a message into JSON text where another row has a plain text.
#
# Guessed: "content" as a text in one row and as a list of parts in another, as the OpenAI format allows, is an error
#   (pyarrow), a column of type VARIANT, or a row in columnNameOfCorruptRecord.
# Seen:    the column becomes string, and the list is put into it as its JSON text, without a word; also in FAILFAST
#   mode. toJSON then has [{"type": "text", "text": "Hi"}] as what the user said, and a model is trained on the
#   brackets. The same with an answer of 7 beside "007", which becomes "7", and true beside "yes". One row with a plain
#   text is enough, anywhere in the data. The lines of read.text and a column of singleVariantColumn keep what they had.
# Source:  PyPI pyspark 4.2.0; Python 3.11, JDK 17, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check pyspark==4.2.0
cat > "$work/parts.py" <<'PY'
import json
import sys
from pyspark.sql import SparkSession

parts = [{"type": "text", "text": "Hi"}]
rows = [
    {"id": 0, "messages": [{"role": "user", "content": parts}], "answer": 7, "sure": True},
    {"id": 1, "messages": [{"role": "user", "content": "Hi"}], "answer": "007", "sure": "yes"},
]
path = sys.argv[1] + "/rows.jsonl"
with open(path, "w") as file:
    file.writelines(json.dumps(row) + "\n" for row in rows)
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")


def first(name, lines):
    row = min(map(json.loads, lines), key=lambda r: r["id"])
    print("%-20s %s" % (name, json.dumps(row)))
    return row


plain = first("read.json", spark.read.json(path).toJSON().collect())
strict = first("FAILFAST", spark.read.option("mode", "FAILFAST").json(path).toJSON().collect())
text = first("read.text", [r.value for r in spark.read.text(path).collect()])
variant = spark.read.option("singleVariantColumn", "v").json(path).selectExpr("to_json(v)").collect()
variant = first("singleVariantColumn", [r[0] for r in variant])
content = plain["messages"][0]["content"]
assert isinstance(content, str) and json.loads(content) == parts, content
assert (plain["answer"], plain["sure"]) == ("7", "true") and strict == plain
assert text == variant == rows[0]
PY
SPARK_LOCAL_IP=127.0.0.1 "$work/venv/bin/python" "$work/parts.py" "$work" 2> "$work/log" ||
  { tail -n 20 "$work/log" >&2; exit 1; }
