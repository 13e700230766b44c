#!/usr/bin/env bash
# datasets 5.2.0: Dataset.map returns the rows of the old code after a helper module was edited.
#
# Guessed: the cache of map goes by the code that is called; a changed template, filter or tokenisation in prepare.py
#   gives new rows in the next run.
# Seen:    a function of the script itself is hashed by its code, an imported one only by its name. After an edit of
#   prepare.py the next process gets the rows of the first version, without a word. The same through a lambda of
#   the script that calls prepare.clean, and filter keeps the rows it kept. A function written in the script is
#   computed anew. load_from_cache_file=False or another cache directory is right.
# Source:  PyPI datasets 5.2.0, dill 0.4.1; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check datasets==5.2.0 dill==0.4.1
printf '{"answer": " 42 "}\n{"answer": "7"}\n' > data.jsonl
cat > run.py <<'P'
import sys
from datasets import disable_progress_bars, load_dataset

sys.path.insert(0, ".")
sys.dont_write_bytecode = True
disable_progress_bars()
import prepare


def clean(row):
    return {"text": row["answer"]@@}


data = load_dataset("json", data_files="data.jsonl", split="train", cache_dir="cache")
print(*[repr(rows[0]["text"]) for rows in (
    data.map(prepare.clean),
    data.map(lambda row: prepare.clean(row)),
    data.map(clean),
    data.map(prepare.clean, load_from_cache_file=False))], len(data.filter(prepare.keep)))
P
version() { # What is added to the answer, and the shortest answer that is kept.
  sed "s/@@/$1/" run.py > script.py
  printf 'def clean(row):\n    return {"text": row["answer"]%s}\n\n\n' "$1" > prepare.py
  printf 'def keep(row):\n    return len(row["answer"]) >= %s\n' "$2" >> prepare.py
  v/bin/python script.py 2>> log
}
first=$(version '' 1) || { cat log; exit 1; }
second=$(version '.strip()' 2) || { cat log; exit 1; }
echo 'first row by prepare.clean, a lambda that calls it, the same in the script, without the cache; rows by prepare.keep'
printf 'first version:  %s\nsecond version: %s\n' "$first" "$second"
[ "$first" = "' 42 ' ' 42 ' ' 42 ' ' 42 ' 2" ] && [ "$second" = "' 42 ' ' 42 ' '42' '42' 2" ] ||
  { echo changed >&2; exit 1; }
