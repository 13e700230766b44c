#!/usr/bin/env bash
# datasets 5.2.0 (pandas 3.1.1): Dataset.to_json writes numbers with ten decimals: a probability of 1e-11 becomes 0.
#
# Guessed: JSON Lines hold a float64 so that it reads back as it was, as Python's json writes it.
# Seen:    to_json goes through pandas, whose default is double_precision=10. That is ten places behind the point, not
#   ten digits: a weight of 1.2345678901234567e-05 keeps six digits. A probability of 1e-11 is written as 0.0, and its
#   logarithm is infinite. Numbers below 1e-15 are written in full again. double_precision=15 is the most that pandas
#   takes, and still cuts. to_parquet keeps every bit; so does json.dumps of each row.
# Source:  PyPI datasets 5.2.0, pandas 3.1.1, pyarrow 26.0.1; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check datasets==5.2.0 pandas==3.1.1 pyarrow==26.0.1
cat > check.py <<'P'
import json
from datasets import Dataset

values = [1.2345678901234567e-05, 1e-11, 1e-14, 1e-16, -1.2345678901234567]
data = Dataset.from_dict({"p": values})


def read(name):
    return [json.loads(line)["p"] for line in open(name)]


data.to_json("ten.jsonl")
data.to_json("fifteen.jsonl", double_precision=15)
data.to_parquet("all.parquet")
ten, fifteen = read("ten.jsonl"), read("fifteen.jsonl")
parquet = list(Dataset.from_parquet("all.parquet", cache_dir="c")["p"])
rows = [json.loads(json.dumps(p)) for p in values]
for row in zip(values, ten, fifteen, parquet):
    print("%-23s to_json %-14s double_precision=15 %-18s to_parquet %s" % row)
assert parquet == values and rows == values
assert ten == [1.23457e-05, 0.0, 0.0, 1e-16, -1.2345678901], ten
assert fifteen != values and fifteen[1:4] == values[1:4], fifteen
P
v/bin/python check.py 2> log || { cat log; exit 1; }
