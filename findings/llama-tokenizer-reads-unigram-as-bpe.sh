#!/usr/bin/env bash
# transformers 5.24.0: LlamaTokenizer opens a Unigram tokenizer.model as BPE, and without its normalizer.
#
# Guessed: AutoTokenizer of a directory with tokenizer.model gives the ids of the sentencepiece library, and
#   save_pretrained writes a tokenizer.json that gives them too.
# Seen:    where tokenizer_config.json says LlamaTokenizer, the class builds a BPE of its own from the pieces. The scores
#   of a Unigram model are not read: every text gets other ids, 2,097 tokens here where sentencepiece gives 602. A
#   BPE model keeps its merges and loses add_dummy_prefix=false and its normalizer (nmt_nfkc). No warning, and the
#   tokenizer.json that is saved says BPE. PreTrainedTokenizerFast.from_pretrained of the same directory is right.
# Source:  PyPI transformers 5.24.0, tokenizers 0.23.3, sentencepiece 0.2.3; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check transformers==5.24.0 tokenizers==0.23.3 \
  sentencepiece==0.2.3 protobuf==7.36.2
cat > check.py <<'P'
import json
import os
import random
import sentencepiece
from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

random.seed(1)
words = "the a sorted list of numbers begins with smallest one and ends next step adds carry to column left".split()
lines = [" ".join(random.choices(words, k=9)).capitalize() + "." for _ in range(400)]
open("text.txt", "w").write("\n".join(lines))
plain = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False}
models = {
    "BPE as Llama 2": {"model_type": "bpe", **plain},
    "BPE without dummy prefix": {"model_type": "bpe", "add_dummy_prefix": False, **plain},
    "BPE, nmt_nfkc": {"model_type": "bpe"},
    "Unigram": {"model_type": "unigram", **plain},
}
samples = [line.replace(" ", "  ", 1) for line in lines[:50]]
seen = {}
for name, options in models.items():
    os.makedirs(name)
    sentencepiece.SentencePieceTrainer.train(
        input="text.txt", model_prefix=name + "/tokenizer", vocab_size=340, byte_fallback=True, hard_vocab_limit=False,
        minloglevel=2, num_threads=1, **options)
    json.dump({"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
              open(name + "/tokenizer_config.json", "w"))
    truth = sentencepiece.SentencePieceProcessor(model_file=name + "/tokenizer.model")
    wanted = [truth.encode(text) for text in samples]
    seen[name] = []
    for how in (AutoTokenizer, PreTrainedTokenizerFast):
        tokenizer = how.from_pretrained(name)
        tokenizer.save_pretrained("saved")
        saved = Tokenizer.from_file("saved/tokenizer.json")
        ids = [saved.encode(text, add_special_tokens=False).ids for text in samples]
        assert ids == [tokenizer(text, add_special_tokens=False)["input_ids"] for text in samples]
        wrong = sum(a != b for a, b in zip(ids, wanted))
        seen[name].append((wrong, json.loads(saved.to_str())["model"]["type"]))
        print("%-25s %-24s other ids in %2d of %d texts, %4d tokens for %4d, saved as %s" % (
            name, how.__name__, wrong, len(samples), sum(map(len, ids)), sum(map(len, wanted)), seen[name][-1][1]))
assert seen == {
    "BPE as Llama 2": [(0, "BPE"), (0, "BPE")],
    "BPE without dummy prefix": [(50, "BPE"), (0, "BPE")],
    "BPE, nmt_nfkc": [(50, "BPE"), (0, "BPE")],
    "Unigram": [(50, "BPE"), (0, "Unigram")],
}, seen
P
v/bin/python check.py
