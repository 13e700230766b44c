#!/usr/bin/env bash
# polars 2.1.0: a field of a JSONL file that first appears in row 101 is dropped without a word.
#
# Guessed: infer_schema_length=100 is a guess at types; a later field is added, or refused with its line as DuckDB does.
# Seen:    read_ndjson and scan_ndjson keep only the fields of the first 100 rows, at every depth: "tools" and
#   "tool_calls" within messages vanish, and the assistant's turn is left with empty content. One row earlier, both are
#   kept. A later value of another type is an error, so the loss is not leniency. What polars then writes as Parquet
#   has lost it for every trainer. infer_schema_length=None keeps all.
# Source:  PyPI polars 2.1.0, duckdb 2.0.1; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check polars==2.1.0 duckdb==2.0.1
cat > check.py <<'P'
import json
import duckdb
import polars


def write(name, plain, last):
    with open(name, "w") as out:
        for i in range(plain):
            turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello %d" % i}]
            out.write(json.dumps({"messages": turns}) + "\n")
        out.write(json.dumps(last) + "\n")


call = {"role": "assistant", "content": "", "tool_calls": "clock()"}
last = {"messages": [{"role": "user", "content": "Time?"}, call], "tools": "clock"}
readers = {
    "read_ndjson": lambda file: polars.read_ndjson(file),
    "scan_ndjson": lambda file: polars.scan_ndjson(file).collect(),
    "read_ndjson, None": lambda file: polars.read_ndjson(file, infer_schema_length=None),
}
seen = {}
for plain in (99, 100):
    write("rows.jsonl", plain, last)
    for name, read in readers.items():
        row = read("rows.jsonl").tail(1).to_dicts()[0]
        seen[name, plain + 1] = (row.get("tools", "gone"), row["messages"][1].get("tool_calls", "gone"))
        print("%-18s row %d  tools: %-6s call: %s" % (name, plain + 1, *seen[name, plain + 1]))
whole, gone = ("clock", "clock()"), ("gone", "gone")
assert seen == {
    (name, row): gone if row == 101 and name in ("read_ndjson", "scan_ndjson") else whole for name, row in seen
}, seen

write("text.jsonl", 100, {"messages": "a text"})
try:
    polars.read_ndjson("text.jsonl")
    raise AssertionError("another type was no error")
except polars.exceptions.SchemaError as error:
    print("another type: ", str(error).splitlines()[0])
write("long.jsonl", 30000, last)
try:
    duckdb.sql("from 'long.jsonl'").fetchall()
    raise AssertionError("DuckDB was silent")
except duckdb.InvalidInputException as error:
    print("DuckDB, row 30001:", str(error).splitlines()[0].split("has ")[-1])
P
v/bin/python check.py
