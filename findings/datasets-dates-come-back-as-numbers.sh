#!/usr/bin/env bash
# datasets 5.2.0 (pyarrow 26.0.1, pandas 3.1.1): a column of answers that are dates goes in as text and comes out as numbers.
#
# Guessed: what stands in quotes in a JSON file is text after load_dataset("json"), at the latest where the features say
#   so, and to_json writes it back; at worst a date comes back in another spelling of ISO 8601.
# Seen:    if every text of a column, or of a nested field such as messages[].content, looks like a date or time, the
#   column becomes timestamp[s]. The spelling is lost, and so is the zone ("2024-01-02T03:04:05Z" and
#   "2024-01-02 03:04:05" become equal). to_json then writes milliseconds since 1970: the answer "2024-01-01" is the
#   number 1704067200000. With features that name the column a string it is "2024-01-01 00:00:00": what a model is
#   trained to write is another text than in the file. One answer that is no date keeps all of them as they are.
# Source:  PyPI datasets 5.2.0; the JSON reader of pyarrow infers timestamps, and to_json is that of pandas.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/v"
"$work/v/bin/pip" install -q --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1 pandas==3.1.1
cat > "$work/check.py" <<'P'
import json
import sys
from pathlib import Path

import datasets

datasets.disable_progress_bars()
work = Path(sys.argv[1])


def through(name, rows, **more):
    """The rows after load_dataset("json") and to_json."""
    file, copy = work / f"{name}.jsonl", work / f"{name}-copy.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=str(work / "c"), **more)
    data.to_json(copy)
    return [json.loads(line) for line in copy.read_text().splitlines()]


def chat(answer):
    return {"messages": [{"role": "assistant", "content": answer}]}


dates = [{"prompt": "When?", "completion": "2024-01-01"}, {"prompt": "And?", "completion": "1999-12-31"}]
spelt = [{"completion": "2024-01-02T03:04:05Z"}, {"completion": "2024-01-02 03:04:05"}]
mixed = dates + [{"prompt": "Who?", "completion": "Ada"}]
text = datasets.Features({"prompt": datasets.Value("string"), "completion": datasets.Value("string")})
seen = {
    "dates": [row["completion"] for row in through("dates", dates)],
    "spelt": [row["completion"] for row in through("spelt", spelt)],
    "chats": [row["messages"][0]["content"] for row in through("chats", [chat("2024-01-01")])],
    "mixed": through("mixed", mixed) == mixed,
    "named": [row["completion"] for row in through("named", dates, features=text)],
}
for name, value in seen.items():
    print(f"{name}: {value}")
expected = {
    "dates": [1704067200000, 946598400000],
    "spelt": [1704164645000] * 2,
    "chats": [1704067200000],
    "mixed": True,
    "named": ["2024-01-01 00:00:00", "1999-12-31 00:00:00"],
}
raise SystemExit(0 if seen == expected else 1)
P
"$work/v/bin/python" "$work/check.py" "$work"
