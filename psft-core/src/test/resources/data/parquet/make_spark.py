"""Writes the files of Spark beside it; make.py says more. Needs Java 17.

    pip install pyspark==4.2.0 && python make_spark.py
"""

import json
import pathlib
import shutil
import tempfile

from pyspark.sql import SparkSession

HERE = pathlib.Path(__file__).parent
TEMP = pathlib.Path(tempfile.mkdtemp())
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()


def jsonl(name, rows):
    (HERE / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def parquet(name, frame, **options):
    frame.coalesce(1).write.mode("overwrite").options(**options).parquet(str(TEMP / name))
    shutil.copyfile(next((TEMP / name).glob("part-*.parquet")), HERE / f"{name}.parquet")


jsonl("spark", [{
    "str": "a", "i8": 1, "i16": 2, "f32": 0.5, "dec1": 0.5, "dec18": 1.25, "dec38": -0.25, "b": True, "bin": "text", "dat": "2024-02-29",
    "ts": "2024-02-29T01:02:03.456789", "l": [1, None], "ll": [[1], []], "m": {"k": 1, "n": None}, "mm": {"1": {"x": "y"}}, "s": {"a": 1, "c": {"d": 2}},
    "messages": [{"role": "user", "content": "hi"}, {"role": "assistant"}],
}])
frame = spark.sql("""select 'a' str, 1Y i8, 2S i16, 0.5F f32, 0.5 dec1, cast(1.25 as decimal(18,4)) dec18, cast(-0.25 as decimal(38,2)) dec38, true b,
  cast('text' as binary) bin, date'2024-02-29' dat, timestamp'2024-02-29 01:02:03.456789' ts, array(1,null) l, array(array(1),array()) ll,
  map('k',1,'n',null) m, map(1,map('x','y')) mm, named_struct('a',1,'b',cast(null as string),'c',named_struct('d',2)) s,
  array(named_struct('role','user','content','hi'),named_struct('role','assistant','content',null)) messages""")
parquet("spark.spark", frame)
parquet("spark.spark-v2", frame, **{"parquet.writer.version": "PARQUET_2_0"})
parquet("spark.spark-lz4", frame, compression="lz4")
spark.conf.set("spark.sql.parquet.writeLegacyFormat", "true")
parquet("spark.spark-legacy", frame)
spark.conf.set("spark.sql.parquet.writeLegacyFormat", "false")

jsonl("shredded", [
    {"v": {"a": 1, "b": [1.5, "x", None, {"c": True}], "z": "q"}},
    {"v": "text"},
    {"v": {"a": "other"}},
    {"v": {"d": "2024-02-29", "n": 12.5, "t": "2024-02-29T01:02:03Z"}},
    {"v": None},
])
parquet("shredded.spark", spark.sql("""select parse_json('{"a":1,"b":[1.5,"x",null,{"c":true}],"z":"q"}') v union all select parse_json('"text"')
  union all select parse_json('{"a":"other"}')
  union all select to_variant_object(named_struct('d',date'2024-02-29','t',timestamp'2024-02-29 01:02:03','n',12.5)) union all select cast(null as variant)"""))
parquet("map.spark", spark.sql("select array(map('role','user','content','hi'),map('role','assistant','content','ho')) as messages"))
