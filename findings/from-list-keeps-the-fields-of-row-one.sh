#!/usr/bin/env bash
# datasets 5.2.0 and pyarrow 26.0.1: from_list, from_generator and from_pylist drop fields that row one does not have.
#
# Guessed: a field that begins in row 2 becomes a column with null in row 1, as load_dataset("json") and
#   pandas.DataFrame make it; or an error names it.
# Seen:    Dataset.from_list, Dataset.from_generator and Table.from_pylist take the names of the columns from the first
#   row. "tools" of the second row is gone without a word. One level deeper the same is kept: "tool_calls" of a second
#   message stands there, and is null in the others. So examples with tools lose the descriptions and keep the calls,
#   because the first example is plain.
# Source:  PyPI datasets 5.2.0, pyarrow 26.0.1, pandas 3.1.1; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1 pandas==3.1.1
cat > check.py <<'P'
import json
import pandas
import pyarrow
from datasets import Dataset, load_dataset

call = {"role": "assistant", "content": "", "tool_calls": "clock()"}
rows = [
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    {"messages": [{"role": "user", "content": "Time?"}, call], "tools": "clock"},
]
with open("rows.jsonl", "w") as out:
    out.writelines(json.dumps(row) + "\n" for row in rows)
seen = {
    "Dataset.from_list": Dataset.from_list(rows).to_list(),
    "Table.from_pylist": pyarrow.Table.from_pylist(rows).to_pylist(),
    "Dataset.from_generator": Dataset.from_generator(lambda: iter(rows), cache_dir="cache").to_list(),
    "load_dataset": load_dataset("json", data_files="rows.jsonl", split="train", cache_dir="cache").to_list(),
    "pandas.DataFrame": pandas.DataFrame(rows).to_dict("records"),
}
kept = {}
for name, table in seen.items():
    kept[name] = (table[1].get("tools", "gone"), table[1]["messages"][1]["tool_calls"])
    print("%-23s tools: %-6s call: %s" % (name, *kept[name]))
lost = {name for name, (tools, call) in kept.items() if tools == "gone" and call == "clock()"}
assert lost == {"Dataset.from_list", "Dataset.from_generator", "Table.from_pylist"}, lost
assert all(value == ("clock", "clock()") for name, value in kept.items() if name not in lost), kept
P
HF_HUB_OFFLINE=1 HF_HOME="$work/home" v/bin/python check.py 2>/dev/null
