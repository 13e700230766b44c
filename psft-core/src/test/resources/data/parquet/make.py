"""Writes the Parquet files beside it, each with the JSONL file that holds the same rows.

    pip install pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1 datasets==5.2.0 && python make.py
    pip install pyspark==4.2.0 && python make_spark.py

NAME.WRITER.parquet belongs to NAME.jsonl. Files of the writer parquet-testing are copies from apache/parquet-testing at
1a2a75127be06fc0123f03ebd36c966f7beda27d (Apache-2.0): layouts that no current writer makes.
"""

import base64
import datetime as dt
import decimal
import json
import pathlib
import uuid

import datasets
import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

HERE = pathlib.Path(__file__).parent
D = decimal.Decimal
UTC = dt.timezone.utc
MOMENT = dt.datetime(2024, 2, 29, 1, 2, 3, 456789)


def jsonl(name, rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (HERE / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")


# Every type of pyarrow: a column is (type, values, the same in JSON).
TYPES = {
    "int8": (pa.int8(), [1, -128], None),
    "int16": (pa.int16(), [1, -32768], None),
    "int32": (pa.int32(), [1, -(2**31)], None),
    "int64": (pa.int64(), [1, -(2**63)], None),
    "uint8": (pa.uint8(), [1, 255], None),
    "uint16": (pa.uint16(), [1, 65535], None),
    "uint32": (pa.uint32(), [1, 2**32 - 1], None),
    "uint64": (pa.uint64(), [1, 2**64 - 1], None),
    "float16": (pa.float16(), [np.float16(0.1), np.float16(-65504)], [0.0999755859375, -65504.0]),
    "float32": (pa.float32(), [0.5, -1.5], None),
    "float64": (pa.float64(), [0.1, -2.5], None),
    "bool": (pa.bool_(), [True, False], None),
    "null": (pa.null(), [None, None], None),
    "decimal32": (pa.decimal32(5, 2), [D("0.5"), D("-1.25")], [0.5, -1.25]),
    "decimal64": (pa.decimal64(18, 2), [D("0.5"), D("-1234567.25")], [0.5, -1234567.25]),
    "decimal128": (pa.decimal128(38, 2), [D("0.5"), D("-1.25")], [0.5, -1.25]),
    "decimal256": (pa.decimal256(70, 2), [D("0.5"), D("-1.25")], [0.5, -1.25]),
    "decimal_whole": (pa.decimal128(38, 0), [D(7), D(-(10**30))], [7, -(10**30)]),
    "date32": (pa.date32(), [dt.date(2024, 2, 29), dt.date(1969, 12, 31)], ["2024-02-29", "1969-12-31"]),
    "date64": (pa.date64(), [dt.date(2024, 2, 29), dt.date(1969, 12, 31)], ["2024-02-29", "1969-12-31"]),
    "timestamp_s": (pa.timestamp("s"), [dt.datetime(2024, 2, 29, 1, 2, 3), dt.datetime(1960, 1, 1)], ["2024-02-29T01:02:03", "1960-01-01T00:00:00"]),
    "timestamp_ms": (pa.timestamp("ms"), [dt.datetime(2024, 2, 29, 1, 2, 3, 4000), dt.datetime(1960, 1, 1)], ["2024-02-29T01:02:03.004", "1960-01-01T00:00:00"]),
    "timestamp_us": (pa.timestamp("us"), [MOMENT, dt.datetime(1960, 1, 1)], ["2024-02-29T01:02:03.456789", "1960-01-01T00:00:00"]),
    "timestamp_ns": (pa.timestamp("ns"), [1709168523456789123, -1], ["2024-02-29T01:02:03.456789123", "1969-12-31T23:59:59.999999999"]),
    "timestamp_utc": (pa.timestamp("us", "UTC"), [MOMENT.replace(tzinfo=UTC), None], ["2024-02-29T01:02:03.456789Z", None]),
    "timestamp_paris": (pa.timestamp("ms", "Europe/Paris"), [dt.datetime(2024, 2, 29, 1, tzinfo=UTC), None], ["2024-02-29T01:00:00Z", None]),
    "time_ms": (pa.time32("ms"), [dt.time(1, 2, 3), dt.time(23, 59, 59)], ["01:02:03", "23:59:59"]),
    "time_us": (pa.time64("us"), [dt.time(1, 2, 3, 456789), dt.time(0, 0)], ["01:02:03.456789", "00:00:00"]),
    "time_ns": (pa.time64("ns"), [3723000000001, 0], ["01:02:03.000000001", "00:00:00"]),
    "string": (pa.string(), ["a", "\u00fc\U0001f989"], None),
    "large_string": (pa.large_string(), ["a", ""], None),
    "string_view": (pa.string_view(), ["a", ""], None),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), ["a", "b"], None),
    "binary": (pa.binary(), [b"text", b"\xff\x00"], ["text", "/wA="]),
    "binary_fixed": (pa.binary(4), [b"abcd", b"\xff\x00\x01\x02"], ["YWJjZA==", "/wABAg=="]),
    "uuid": (pa.uuid(), [uuid.UUID(int=1).bytes, None], ["00000000-0000-0000-0000-000000000001", None]),
    "json": (pa.json_(pa.string()), ['{"a": [1, null]}', '"x"'], [{"a": [1, None]}, "x"]),
    "list": (pa.list_(pa.int32()), [[1, None], []], None),
    "list_large": (pa.large_list(pa.int32()), [[1], []], None),
    "list_fixed": (pa.list_(pa.int32(), 2), [[1, 2], [3, None]], None),
    "list_of_lists": (pa.list_(pa.list_(pa.int32())), [[[1], [], None], []], None),
    "struct": (pa.struct([("a", pa.int32()), ("b", pa.struct([("c", pa.string())]))]), [{"a": 1, "b": None}, {"a": None, "b": {"c": "x"}}], [{"a": 1}, {"b": {"c": "x"}}]),
    "map": (pa.map_(pa.string(), pa.int32()), [[("k", 1), ("l", None)], []], [{"k": 1, "l": None}, {}]),
    "map_of_maps": (pa.map_(pa.int32(), pa.map_(pa.string(), pa.string())), [[(1, [("x", "y")])], []], [{"1": {"x": "y"}}, {}]),
    "list_of_maps": (pa.list_(pa.map_(pa.string(), pa.string())), [[[("k", "v")], None], []], [[{"k": "v"}, None], []]),
}


def column(kind, values):
    if isinstance(kind, pa.JsonType):
        return pa.array([*values, None], pa.string()).cast(kind)
    return pa.array([*values, None], kind)


table = pa.table({name: column(kind, values) for name, (kind, values, _) in TYPES.items()})
jsonl("types", [{name: ([*(same or values), None])[i] for name, (_, values, same) in TYPES.items()} for i in range(3)])
pq.write_table(table, HERE / "types.pyarrow.parquet")
pq.write_table(table, HERE / "types.pyarrow-v2.parquet", data_page_version="2.0", use_dictionary=False, compression="zstd", write_page_checksum=True)
pq.write_table(table, HERE / "types.pyarrow-int-decimal.parquet", store_decimal_as_integer=True, compression="lz4")

# Numbers of more digits than a double holds.
text = '{"d":-12345678901234567890123456.25}\n{"d":123456789012345678901234567890123456.75}\n'
(HERE / "decimals.jsonl").write_text(text)
exact = [D(json.loads(line, parse_float=str)["d"]) for line in text.splitlines()]
pq.write_table(pa.table({"d": pa.array(exact, pa.decimal128(38, 2))}), HERE / "decimals.pyarrow.parquet")

jsonl("int96", [{"t": "2024-02-29T01:02:03.456789"}, {"t": "1960-01-01T00:00:00"}, {"t": None}])
pq.write_table(pa.table({"t": table["timestamp_us"]}), HERE / "int96.pyarrow.parquet", use_deprecated_int96_timestamps=True)

jsonl("polars", [
    {"i": 1, "u64": 2**64 - 1, "dec": 0.5, "date": "2024-02-29", "time": "01:02:03.456789", "at": "2024-02-29T01:02:03.456789", "utc": "2024-02-29T01:02:03.456789Z", "cat": "a", "enum": "a", "list": [1, None], "array": [1, 2], "struct": {"a": 1}, "null": None, "b": True},
    {"i": None, "u64": 1, "dec": 1.25, "date": None, "time": None, "at": None, "utc": None, "cat": "b", "enum": "b", "list": [], "array": [3, 4], "struct": {"b": "x"}, "null": None, "b": None},
])
pl.DataFrame({
    "i": [1, None], "u64": pl.Series([2**64 - 1, 1], dtype=pl.UInt64), "dec": pl.Series([D("0.50"), D("1.25")], dtype=pl.Decimal(38, 2)),
    "date": [dt.date(2024, 2, 29), None], "time": [MOMENT.time(), None], "at": [MOMENT, None], "utc": pl.Series([MOMENT, None], dtype=pl.Datetime("ns", "UTC")),
    "cat": pl.Series(["a", "b"], dtype=pl.Categorical), "enum": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])), "list": [[1, None], []],
    "array": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2)), "struct": [{"a": 1, "b": None}, {"a": None, "b": "x"}], "null": [None, None], "b": [True, None],
}).write_parquet(HERE / "polars.polars.parquet")

jsonl("duckdb", [{
    "i8": 1, "u32": 2**32 - 1, "u64": 2**64 - 1, "d": 0.5, "d18": 1.25, "f": 0.5, "dat": "2024-02-29", "tim": "01:02:03.456", "ts": "2024-02-29T01:02:03.456789", "tz": "2024-02-29T00:02:03Z",
    "ns": "2024-02-29T01:02:03.123456789", "iv": "P1Y2M3DT4H", "u": "12345678-1234-5678-1234-567812345678", "e": "a", "j": {"a": [1, None]}, "b": "x", "l": [1, None], "a": [1, 2], "s": {"a": 1}, "m": {"k": 1}, "n": None,
}])
query = """select 1::tinyint i8, 4294967295::uinteger u32, 18446744073709551615::ubigint u64, 0.5 d, 1.25::decimal(18,4) d18, 0.5::float f,
  date '2024-02-29' dat, time '01:02:03.456' tim, timestamp '2024-02-29 01:02:03.456789' ts, timestamptz '2024-02-29 01:02:03+01' tz,
  timestamp_ns '2024-02-29 01:02:03.123456789' ns, interval '1 year 2 months 3 days 4 hours' iv,
  uuid '12345678-1234-5678-1234-567812345678' u, 'a'::enum('a','b') e, '{"a": [1,null]}'::json j, 'x'::blob b, [1,null] l, [1,2]::int[2] a,
  {'a':1,'b':null} s, map {'k':1} m, null n"""
duckdb.sql(f"copy ({query}) to '{HERE}/duckdb.duckdb.parquet' (format parquet)")
duckdb.sql(f"copy ({query}) to '{HERE}/duckdb.duckdb-v2.parquet' (format parquet, parquet_version v2)")

jsonl("variant", [{"v": {"a": 1, "b": [1.5, None], "d": "2024-02-29"}}, {"v": "text"}, {"v": None}])
duckdb.sql(f"copy (select {{'a': 1, 'b': [1.5, null], 'd': date '2024-02-29'}}::variant v union all select 'text'::variant union all select null) to '{HERE}/variant.duckdb.parquet' (format parquet)")

# What tool-calling data look like: fields of other tools are null in every row.
depth = {"type": "function", "function": {"name": "depth", "parameters": {"type": "object", "properties": {"lake": {"type": "string"}}}}}
add = {"type": "function", "function": {"name": "sum", "parameters": {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}}}


def call(name, **arguments):
    return {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": name, "arguments": arguments}}]}


rows = [
    {"messages": [{"role": "user", "content": "How deep is Lake Como?"}, call("depth", lake="Como")], "tools": [depth, add]},
    {"messages": [{"role": "user", "content": "7 + 9?"}, call("sum", x=7, y=9)], "tools": [depth, add]},
]
jsonl("tools", rows)
pq.write_table(pa.Table.from_pylist(rows), HERE / "tools.pyarrow.parquet")
pl.DataFrame(rows).write_parquet(HERE / "tools.polars.parquet")
datasets.Dataset.from_list(rows).to_parquet(HERE / "tools.datasets.parquet")
free = {"messages": datasets.List(datasets.Json()), "tools": datasets.List(datasets.Json())}
datasets.Dataset.from_list(rows, features=datasets.Features(free)).to_parquet(HERE / "tools.datasets-json.parquet")

jsonl("map", [{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}])
maps = pa.list_(pa.map_(pa.string(), pa.string()))
pairs = [[[("role", "user"), ("content", "hi")], [("role", "assistant"), ("content", "ho")]]]
pq.write_table(pa.table({"messages": pa.array(pairs, maps)}), HERE / "map.pyarrow.parquet")
duckdb.sql(f"copy (select [map {{'role':'user','content':'hi'}}, map {{'role':'assistant','content':'ho'}}] messages) to '{HERE}/map.duckdb.parquet' (format parquet)")

# The pairs of the ready configuration of DPO.
additions = HERE.resolve().parents[5] / "psft-examples/src/dist/share/data/additions-pairs.jsonl"
rows = [json.loads(line) for line in additions.read_text(encoding="utf-8").splitlines()[:16]]
jsonl("pairs", rows)
pq.write_table(pa.Table.from_pylist(rows), HERE / "pairs.pyarrow.parquet")

# Sizes that are 0, or larger than usual.
one = pa.table({"prompt": ["2 + 3 ="], "completion": [" 5"]})
jsonl("none", [])
pq.write_table(one.slice(0, 0), HERE / "none.pyarrow.parquet")
jsonl("between", one.to_pylist() * 2)
with pq.ParquetWriter(HERE / "between.pyarrow.parquet", one.schema) as writer:
    for part in [one, one.slice(0, 0), one]:
        writer.write_table(part)
tokens = [{"input_ids": [(11 * k + 37 * i) % 500 for k in range(n)]} for i, n in enumerate([25, 30, 37, 12])]
jsonl("pages", tokens)
for version in ["1.0", "2.0"]:
    pq.write_table(pa.Table.from_pylist(tokens), HERE / f"pages.pyarrow-{version[0]}.parquet", data_page_version=version, data_page_size=50, write_batch_size=16)
documents = [f"{i:03d} " * 5500 for i in range(900)]
pq.write_table(pa.table({"text": documents}), HERE / "dictionary-of-20-MB.parquet", compression="zstd", compression_level=19)

# Layouts of old writers and rare codecs: files of parquet-testing.
jsonl("lists-old", [{"a": [[1, 2], [3, 4]]}])
jsonl("repeated", [
    {"id": 1, "phoneNumbers": None},
    {"id": 2, "phoneNumbers": None},
    {"id": 3, "phoneNumbers": {"phone": []}},
    {"id": 4, "phoneNumbers": {"phone": [{"number": 5555555555}]}},
    {"id": 5, "phoneNumbers": {"phone": [{"number": 1111111111, "kind": "home"}]}},
    {"id": 6, "phoneNumbers": {"phone": [{"number": 1111111111, "kind": "home"}, {"number": 2222222222}, {"number": 3333333333, "kind": "mobile"}]}},
])
numbers = [([0, 1, 2, 3], ["foo", "zero", "one", "two"]), ([], ["three"]), ([4], ["four"]), ([5, 6, 7, 8], ["five", "six", "seven", "eight"])]
jsonl("repeated-values", [{"Int32_list": i, "String_list": s, "group_of_lists": {"Int32_list_in_group": i, "String_list_in_group": s}} for i, s in numbers])
keys = [{str(3 * i + k): None for k in [1, 2, 3]} for i in range(3)]
jsonl("map-no-value", [{"my_map": k, "my_map_no_v": k, "my_list": [int(x) for x in k]} for k in keys])
jsonl("map-old", [{"my_map": {"parent": "another", "name": "report"}}])
jsonl("empty-values", [{"value": None}])
jsonl("lz4", [{"c0": 1593604800 + i // 2, "c1": ["abc", "def"][i % 2], "v11": [42.0, 7.7, 42.125, 7.7][i]} for i in range(4)])

# A value that is none spoils its row only.
texts = pa.array(['{"a": 1}', '{"a": 1, "a": 2}', '{"a": ', "", '{"a": 3}'])
pq.write_table(pa.table({"meta": texts.cast(pa.json_(pa.string()))}), HERE / "faults.parquet")

# What is not read.
pq.write_table(one, HERE / "refused-brotli.parquet", compression="brotli")


class Keys(pe.KmsClient):
    def __init__(self, config):
        super().__init__()

    def wrap_key(self, key, name):
        return base64.b64encode(key)

    def unwrap_key(self, wrapped, name):
        return base64.b64decode(wrapped)


factory = pe.CryptoFactory(Keys)
for plain in [True, False]:
    keys = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["completion"]}, plaintext_footer=plain)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), keys)
    name = "refused-encrypted-column" if plain else "refused-encrypted"
    with pq.ParquetWriter(HERE / f"{name}.parquet", one.schema, encryption_properties=properties) as writer:
        writer.write_table(one)
