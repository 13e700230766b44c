"""Writes the inputs of SafetensorsFuzzTest and HostileFilesTest beside it: ok-* are to be accepted, bad-* refused. python make_corpus.py"""

import json
import pathlib
import struct

here = pathlib.Path(__file__).parent


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def file(name, header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    n = len(text) if length is None else length
    (here / "file" / name).write_bytes(struct.pack("<Q", n) + text + data)


a = {"a": tensor("F32", [2], 0, 8)}
file("ok-one", a, bytes(8))
file("ok-all-types", {t: tensor(t, [1], o, o + w) for t, o, w in [
    ("F64", 0, 8), ("I64", 8, 8), ("F32", 16, 4), ("I32", 20, 4), ("F16", 24, 2), ("BF16", 26, 2), ("I16", 28, 2),
    ("I8", 30, 1), ("U8", 31, 1), ("BOOL", 32, 1)]}, bytes(33))
file("ok-no-tensors", {})
file("ok-scalar-and-empty", {"s": tensor("F32", [], 0, 4), "e": tensor("F32", [0, 3], 4, 4)}, bytes(4))
file("ok-empty-shares-a-boundary", {"e": tensor("F32", [0], 0, 0), **a}, bytes(8))
file("ok-metadata-and-spaces", b'{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   ', bytes(8))
file("ok-nan-values", a, struct.pack("<ff", float("nan"), float("inf")))
file("bad-overlap", {**a, "b": tensor("F32", [2], 4, 12)}, bytes(12))
file("bad-same-range-twice", {**a, "b": tensor("F32", [2], 0, 8)}, bytes(8))
file("bad-hole", {**a, "b": tensor("F32", [1], 12, 16)}, bytes(16))
file("bad-does-not-begin-at-0", {"a": tensor("F32", [2], 4, 12)}, bytes(12))
file("bad-beyond-the-end", {"a": tensor("F32", [4], 0, 16)}, bytes(8))
file("bad-data-left-over", a, bytes(9))
file("bad-empty-inside-another", {**a, "e": tensor("F32", [0], 4, 4)}, bytes(8))
file("bad-end-before-begin", {"a": tensor("F32", [2], 8, 0)}, bytes(8))
file("bad-negative-offset", {"a": tensor("F32", [2], -8, 0)}, bytes(8))
file("bad-negative-size", {"a": tensor("F32", [-1, -2], 0, 8)}, bytes(8))
file("bad-shape-and-offsets-differ", {"a": tensor("F32", [3], 0, 8)}, bytes(8))
file("bad-shape-product-overflows", {"a": tensor("F32", [2**32, 2**31, 2], 0, 8)}, bytes(8))
file("bad-shape-product-wraps-to-8", {"a": tensor("U8", [2**61 + 1, 8], 0, 8)}, bytes(8))
file("bad-huge-size-times-0", {"a": tensor("F32", [2**62, 2**62, 0], 0, 8)}, bytes(8))
file("bad-size-beyond-64-bits", {"a": tensor("F32", [2**70], 0, 8)}, bytes(8))
file("bad-fractional-size", {"a": tensor("F32", [2.0], 0, 8)}, bytes(8))
file("bad-offsets-of-three", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}', bytes(8))
file("bad-unknown-type", {"a": tensor("F8_E4M3", [8], 0, 8)}, bytes(8))
file("bad-unknown-field", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}', bytes(8))
file("bad-field-missing", b'{"a":{"dtype":"F32","shape":[2]}}', bytes(8))
file("bad-duplicate-tensor", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8))
file("bad-duplicate-field", b'{"a":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}', bytes(8))
file("bad-duplicate-by-escape", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}', bytes(8))
file("bad-metadata-not-text", {"__metadata__": {"n": 1}, **a}, bytes(8))
file("bad-metadata-nested", {"__metadata__": {"n": {"m": "x"}}, **a}, bytes(8))
file("bad-array-header", b"[]")
file("bad-not-json", b"{a}")
file("bad-behind-the-brace", b"{}{}")
file("bad-not-utf8", b'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8))
file("bad-deep-nesting", b'{"a":' + b"[" * 5000)
file("bad-number-of-many-digits", b'{"a":{"dtype":"F32","shape":[' + b"9" * 3000 + b'],"data_offsets":[0,8]}}', bytes(8))
file("bad-header-length-0", b"", length=0)
file("bad-header-beyond-the-file", b"{}", length=3)
file("bad-header-length-2-63", b"{}", length=2**63)
file("bad-header-length-all-ones", b"{}", length=2**64 - 1)
file("bad-header-length-100-mb-and-1", b"{}", length=100_000_001)
(here / "file" / "bad-no-bytes").write_bytes(b"")
(here / "file" / "bad-seven-bytes").write_bytes(bytes(7))


def index(name, content):
    text = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    (here / "index" / name).write_bytes(text)


both = {"a": "one.safetensors", "b": "two.safetensors"}
index("ok-two-shards", {"metadata": {"total_size": 16}, "weight_map": both})
index("ok-without-metadata", {"weight_map": both})
index("bad-parent-directory", {"weight_map": {"a": "../one.safetensors", "b": "two.safetensors"}})
index("bad-inner-directory", {"weight_map": {"a": "x/one.safetensors", "b": "two.safetensors"}})
index("bad-absolute-path", {"weight_map": {"a": "/etc/one.safetensors", "b": "two.safetensors"}})
index("bad-backslashes", {"weight_map": {"a": "..\\one.safetensors", "b": "two.safetensors"}})
index("bad-zero-character", {"weight_map": {"a": "one.safetensors\0", "b": "two.safetensors"}})
index("bad-other-extension", {"weight_map": {"a": "one.bin", "b": "two.safetensors"}})
index("bad-missing-shard", {"weight_map": {"a": "one.safetensors", "b": "three.safetensors"}})
index("bad-tensor-in-another-shard", {"weight_map": {"a": "two.safetensors", "b": "one.safetensors"}})
index("bad-tensor-nowhere", {"weight_map": {**both, "c": "two.safetensors"}})
index("bad-tensor-not-listed", {"weight_map": {"a": "one.safetensors", "c": "two.safetensors"}})
index("bad-number-for-a-name", {"weight_map": {"a": 1, "b": "two.safetensors"}})
index("bad-null-for-a-name", {"weight_map": {"a": None, "b": "two.safetensors"}})
index("bad-empty-map", {"weight_map": {}})
index("bad-no-map", {})
index("bad-map-is-a-list", {"weight_map": ["a"]})
index("bad-duplicate-tensor", b'{"weight_map":{"a":"one.safetensors","a":"two.safetensors","b":"two.safetensors"}}')
index("bad-not-json", b"{")
index("bad-no-bytes", b"")
index("bad-deep-nesting", b"[" * 5000)
index("ok-one-shard-of-the-directory", {"weight_map": {"a": "one.safetensors"}})
# bad-utf32-beyond-unicode was found by fuzzing: Jackson guesses the encoding
