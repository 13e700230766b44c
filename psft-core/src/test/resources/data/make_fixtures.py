"""Writes the files beside it: rows in every layout, their tokens and masks by transformers, Parquet by pyarrow.

    pip install transformers pyarrow && python make_fixtures.py

Made with transformers 5.24, tokenizers 0.23, pyarrow 26.0; 5.23 writes the same bytes.
"""

import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq
from transformers import AutoTokenizer

HERE = pathlib.Path(__file__).parent
TOKENIZER = AutoTokenizer.from_pretrained(HERE.parent / "golden" / "qwen2-chat-tiny")
EOS = TOKENIZER.eos_token_id

PAIRS = [
    ("What is 2 + 3?", "2 + 3 = 5\n#### 5"),
    ("Name a bird.", "The wren."),
    ("Übersetze: naïve café 🦉", "Ein naives Café, 猫も 🐈"),
    ("  leading and trailing  ", "  kept as they are \n"),
    ("One\ntwo\n\nthree?", "yes"),
]
SYSTEM = {"role": "system", "content": "Answer briefly."}


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def ids(text, special=False):
    return TOKENIZER(text, add_special_tokens=special)["input_ids"]


def render(messages, prompt=False):
    return TOKENIZER.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)


def apart(prompt, completion):
    """Prompt and completion tokenised one by one, the end trained."""
    p, c = prompt, ids(completion) + [EOS]
    return {"ids": p + c, "mask": [0] * len(p) + [1] * len(c)}


def generation(messages):
    """transformers' own assistant mask."""
    out = TOKENIZER.apply_chat_template(
        messages, return_dict=True, return_assistant_tokens_mask=True
    )
    return {"ids": out["input_ids"], "mask": out["assistant_masks"]}


def last_message(messages):
    """From the end of the generation prompt to the end of the last turn."""
    text, start = render(messages), len(render(messages[:-1], True))
    out = TOKENIZER(text, add_special_tokens=False, return_offsets_mapping=True)
    mask = [int(b > start) for a, b in out["offset_mapping"]]
    end = max(i for i, t in enumerate(out["input_ids"]) if t == EOS)
    return {"ids": out["input_ids"], "mask": [m if i <= end else 0 for i, m in enumerate(mask)]}


def jsonl(name, rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


expected = {}

jsonl("question-answer.jsonl", [{"question": q, "answer": a} for q, a in PAIRS])
expected["question-answer.jsonl"] = [apart(ids(q + "\n", True), a) for q, a in PAIRS]

jsonl("prompt-completion.jsonl", [{"prompt": q, "completion": a, "id": i} for i, (q, a) in enumerate(PAIRS)])
expected["prompt-completion.jsonl"] = [apart(ids(q, True), a) for q, a in PAIRS]

demonstrations = [{"prompt": [SYSTEM, user(q)], "demonstration": a} for q, a in PAIRS]
jsonl("prompt-demonstration.jsonl", demonstrations)
expected["prompt-demonstration.jsonl"] = [apart(ids(render(r["prompt"], True)), r["demonstration"]) for r in demonstrations]

conversations = [[SYSTEM, user(q), assistant(a)] for q, a in PAIRS]
conversations.append([user("a"), assistant("b"), user("c"), assistant("d e f")])
jsonl("messages.jsonl", [{"messages": m} for m in conversations])
expected["messages.jsonl"] = [generation(m) for m in conversations]
expected["messages.jsonl, completion"] = [last_message(m) for m in conversations]

jsonl("prompt-completion-messages.jsonl", [{"prompt": m[:-1], "completion": m[-1:]} for m in conversations])
expected["prompt-completion-messages.jsonl"] = [last_message(m) for m in conversations]

jsonl("text.jsonl", [{"text": a} for _, a in PAIRS])
expected["text.jsonl"] = [{"ids": ids(a, True) + [EOS], "mask": [1] * (len(ids(a, True)) + 1)} for _, a in PAIRS]

tokens = [{"input_ids": e["ids"], "loss_mask": e["mask"]} for e in expected["prompt-completion.jsonl"]]
jsonl("tokens.jsonl", tokens)
expected["tokens.jsonl"] = expected["prompt-completion.jsonl"]

for row in (row for rows in expected.values() for row in rows):
    row["mask"][0] = 0  # nothing predicts the first token
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")

table = pa.Table.from_pylist([{"data_source": "test", **r, "extra": {"index": i}} for i, r in enumerate(demonstrations)])
for codec in ["snappy", "zstd", "gzip", "none"]:
    pq.write_table(table, HERE / f"prompt-demonstration.{codec}.parquet", compression=codec)
# Everything that the default writer does not do: pages of version 2 with checksums, several row groups and pages, delta
# encodings, large types, messages with a field that only some of them have.
table = pa.Table.from_pylist(
    [{"messages": [{**m, "name": "bird" if m["role"] == "user" else None} for m in c]} for c in conversations]
)
pq.write_table(
    table,
    HERE / "messages.v2.parquet",
    compression="zstd",
    data_page_version="2.0",
    data_page_size=64,
    row_group_size=4,
    write_page_checksum=True,
    use_dictionary=False,
    column_encoding={"messages.list.element.content": "DELTA_BYTE_ARRAY", "messages.list.element.role": "DELTA_LENGTH_BYTE_ARRAY"},
)
schema = pa.schema([("input_ids", pa.large_list(pa.int64())), ("loss_mask", pa.list_(pa.bool_()))])
rows = [{"input_ids": t["input_ids"], "loss_mask": [bool(m) for m in t["loss_mask"]]} for t in tokens]
pq.write_table(
    pa.Table.from_pylist(rows, schema),
    HERE / "tokens.v2.parquet",
    compression="snappy",
    data_page_version="2.0",
    use_dictionary=False,
    column_encoding={"input_ids.list.element": "DELTA_BINARY_PACKED"},
)
# What may be missing is missing somewhere: rows, elements, fields, and a list of lists.
nested = [
    {"ids": [1, None, 3], "pair": {"a": None, "b": "x"}, "deep": [[1, 2], [], None, [3]], "flag": True, "real": 0.5},
    {"ids": None, "pair": None, "deep": [], "flag": None, "real": None},
    {"ids": [], "pair": {"a": "y", "b": None}, "deep": None, "flag": False, "real": -2.0},
]
pq.write_table(pa.Table.from_pylist(nested), HERE / "nested.parquet", compression="zstd")
# Parquet does not tell a field that is null from one that is not there.
for row in nested:
    row["pair"] = row["pair"] and {key: value for key, value in row["pair"].items() if value is not None}
jsonl("nested.jsonl", nested)
