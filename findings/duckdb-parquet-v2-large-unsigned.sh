#!/usr/bin/env bash
# DuckDB 2.0.1: UINTEGER values of 2^31 and more, written with parquet_version v2, cannot be read by pyarrow.
#
# Guessed: Parquet keeps unsigned 32-bit integers in INT32, so a delta encoding starts with the value as a signed 32-bit
#   number: -1 for 4294967295. Whatever DuckDB writes, pyarrow reads, or names the type that it does not read.
# Seen:    DuckDB begins DELTA_BINARY_PACKED with the unsigned value as a 64-bit number, which takes 33 bits. pyarrow
#   26.0.1 says "Unexpected end of stream: InitHeader EOF". DuckDB itself, polars and parquet-java read the value back.
#   parquet_version v1, which is the default, and smaller values are right.
# Source:  PyPI duckdb 2.0.1, pyarrow 26.0.1, polars 2.1.0; linux-x86_64, Python 3.11.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1 polars==2.1.0

cat > "$work/see.py" <<'PY'
import sys
import duckdb
import polars
import pyarrow.parquet as pq

file = sys.argv[1] + "/x.parquet"


def attempt(name, read):
    try:
        return f"{name} {read()}"
    except Exception as e:
        return f"{name} {type(e).__name__}: {str(e)[:42]}"


for version, value in [("v1", 4294967295), ("v2", 2147483647), ("v2", 4294967295)]:
    duckdb.sql(f"copy (select {value}::uinteger x) to '{file}' (format parquet, parquet_version {version})")
    print(version, value, end=": ")
    print(attempt("duckdb", lambda: duckdb.sql(f"from '{file}'").fetchall()[0][0]), end="; ")
    print(attempt("pyarrow", lambda: pq.read_table(file).to_pylist()[0]["x"]), end="; ")
    print(attempt("polars", lambda: polars.read_parquet(file)["x"][0]))
PY
seen=$("$work/venv/bin/python" "$work/see.py" "$work")
echo "$seen"
expected='v1 4294967295: duckdb 4294967295; pyarrow 4294967295; polars 4294967295
v2 2147483647: duckdb 2147483647; pyarrow 2147483647; polars 2147483647
v2 4294967295: duckdb 4294967295; pyarrow OSError: Unexpected end of stream: InitHeader EOF; polars 4294967295'
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
