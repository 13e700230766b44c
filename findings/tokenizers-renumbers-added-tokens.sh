#!/usr/bin/env bash
# tokenizers 0.23.3: the id of an added token in tokenizer.json is not the id that it gets.
#
# Guessed: an entry of added_tokens has the id that the file says, as an entry of model.vocab has, or the file is
#   refused.
# Seen:    where the ids leave a gap behind the vocabulary (2 entries, added token with id 7), the token gets the next
#   free id, 2, without a warning. Whoever reads ids from the file (for eos_token_id, or to size an embedding) has
#   another number than the encoder. Saved again, the file says 2.
# Source:  tokenizers/src/tokenizer/serialization.rs, added_vocabulary.rs.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/v"
"$work/v/bin/pip" install -q --disable-pip-version-check tokenizers==0.23.3
cat > "$work/check.py" <<'P'
import json
from tokenizers import Tokenizer, models

file = json.loads(Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="a")).to_str())
flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
file["added_tokens"] = [{"id": 7, "content": "<end>", **flags}]
tokenizer = Tokenizer.from_str(json.dumps(file))
saved = json.loads(tokenizer.to_str())["added_tokens"][0]["id"]
print("file 7, token_to_id %s, encode %s, saved %s" % (tokenizer.token_to_id("<end>"), tokenizer.encode("<end>").ids, saved))
raise SystemExit(0 if tokenizer.token_to_id("<end>") == 2 and tokenizer.encode("<end>").ids == [2] and saved == 2 else 1)
P
"$work/v/bin/python" "$work/check.py"
