#!/usr/bin/env bash
# transformers 5.24.0: the ids of added tokens in tokenizer_config.json and added_tokens.json are not kept.
#
# Guessed: a token that only added_tokens_decoder (or added_tokens.json) names gets the id that stands there, as the row of
#   the embedding depends on it; or loading fails where that is not possible.
# Seen:    it gets the next free id, without a word: 2 where both files say 300. save_pretrained writes the 2. Where ids
#   have a gap (tokens that were removed, reserved rows), text then meets another row than in training.
# Source:  PyPI transformers 5.24.0, tokenizers 0.23.3; Python 3.11, linux-x86_64; seen 2026-11-29.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check transformers==5.24.0 tokenizers==0.23.3
cat > check.py <<'P'
import json
import os
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer

vocabulary = Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="a"))
vocabulary.pre_tokenizer = pre_tokenizers.Whitespace()
flags = {"special": True, "lstrip": False, "rstrip": False, "single_word": False, "normalized": False}
seen = {}
for name in ("added_tokens_decoder", "added_tokens.json"):
    os.makedirs(name)
    vocabulary.save(name + "/tokenizer.json")
    config = {"tokenizer_class": "PreTrainedTokenizerFast"}
    if name == "added_tokens_decoder":
        config[name] = {"300": {"content": "<think>", **flags}}
    else:
        json.dump({"<think>": 300}, open(name + "/added_tokens.json", "w"))
    json.dump(config, open(name + "/tokenizer_config.json", "w"))
    tokenizer = AutoTokenizer.from_pretrained(name)
    tokenizer.save_pretrained(name + "/saved")
    saved = {t["content"]: t["id"] for t in json.load(open(name + "/saved/tokenizer.json"))["added_tokens"]}
    seen[name] = (tokenizer("b <think>")["input_ids"], saved["<think>"])
    print("%-21s ids %s, saved as %d" % (name, *seen[name]))
assert seen == {name: ([1, 2], 2) for name in seen}, seen
P
v/bin/python check.py
