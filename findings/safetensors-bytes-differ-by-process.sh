#!/usr/bin/env bash
# safetensors 0.8.0: the same tensors with the same metadata give another file in every process.
#
# Guessed: a format whose writer sorts tensors by type and name gives the same bytes for the same input, so the SHA-256
#   of a model tells whether training repeats.
# Seen:    the keys of __metadata__ come in an order that changes from process to process, and from call to call. Eight
#   processes write 8 keys in several orders; the header's length, the tensors and the loaded metadata are the same. One
#   key ("format", as transformers and PEFT write) is safe. A trainer that adds keys of its own loses the same hash, a
#   cache by hash misses, and a mirror uploads again. Hash the tensors, not the file.
# Source:  PyPI safetensors 0.8.0, safetensors.numpy.save; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cat > write.py <<'P'
import hashlib
import json
import sys
import numpy as np
from safetensors.numpy import save

keys = ["format", "step", "seed", "base", "license", "data", "rate", "rank"][: int(sys.argv[1])]
data = save({"b": np.arange(4, dtype="float32"), "a": np.ones((2, 3), "float16")}, {key: "x" for key in keys})
header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
order = ",".join(header["__metadata__"])
print(hashlib.sha256(data).hexdigest(), len(data), [name for name in header if name[0] != "_"], order)
P
for keys in 1 8; do
  for process in 1 2 3 4 5 6 7 8; do v/bin/python write.py $keys; done > "$keys.txt"
  echo "$keys keys: $(cut -d' ' -f1 "$keys.txt" | sort -u | wc -l) different files of 8, such as"
  head -3 "$keys.txt" | cut -c1-12,65-
done
[ "$(cut -d' ' -f1 1.txt | sort -u | wc -l)" = 1 ] && [ "$(cut -d' ' -f1 8.txt | sort -u | wc -l)" -gt 1 ] &&
  [ "$(cut -d' ' -f2-4 8.txt | sort -u | wc -l)" = 1 ] || { echo changed >&2; exit 1; }
