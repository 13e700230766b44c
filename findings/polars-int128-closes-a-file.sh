#!/usr/bin/env bash
# polars 2.1.0: one column of Int128 makes a Parquet file unreadable for pyarrow, its other columns too.
#
# Guessed: a type that pyarrow does not have comes back as the bytes that the file holds (FIXED_LEN_BYTE_ARRAY), as
#   dictionary and view types without their Arrow schema do; at worst that column alone is refused.
# Seen:    the Arrow schema inside the file says Int(128), and pyarrow 26.0.1 refuses to open the file at all:
#   "Integers with more than 64 bits not implemented", even for columns=["text"]. DuckDB 2.0.1 opens it, and the number
#   is a BLOB of 16 bytes, least first; nothing in the Parquet schema says that it is a number.
# Source:  PyPI polars 2.1.0, pyarrow 26.0.1, duckdb 2.0.1; linux-x86_64, Python 3.11.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.1

cat > "$work/see.py" <<'PY'
import sys
import duckdb
import polars
import pyarrow.parquet as pq

file = sys.argv[1] + "/x.parquet"
polars.DataFrame({"text": ["a"], "big": polars.Series([1], dtype=polars.Int128)}).write_parquet(file)
try:
    print("pyarrow:", pq.read_table(file, columns=["text"]).to_pylist())
except Exception as e:
    print("pyarrow:", type(e).__name__, str(e))
print("duckdb:", duckdb.sql(f"describe from '{file}'").fetchall()[1][:2], duckdb.sql(f"from '{file}'").fetchall()[0][1][:2])
print("polars:", polars.read_parquet(file).rows())
PY
seen=$("$work/venv/bin/python" "$work/see.py" "$work")
echo "$seen"
expected="pyarrow: ArrowNotImplementedError Integers with more than 64 bits not implemented
duckdb: ('big', 'BLOB') b'\\x01\\x00'
polars: [('a', 1)]"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
