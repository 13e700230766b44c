#!/usr/bin/env bash
# nltk 3.10.4: RegexpTokenizer(r"\w+") finds other words than nltk 3.9.2, so verdicts of IFEval depend on the version.
#
# Guessed: \w in nltk is that of Python's module re, as it was in 3.9: a mark of an Indian script is no part of a word.
# Seen:    3.10 compiles its expressions with the package regex, where marks are part of a word and superscripts are none.
#   Four Hindi words are 4 tokens, where 3.9.2 finds 5; "x ²" is 1 token instead of 2. lm-eval's checks of IFEval count
#   words with this tokenizer and take nltk 3.9.1 or newer: "at least 5 words" is then true or false for the same answer.
#   Python's re in the same process finds 5.
# Source:  PyPI nltk 3.9.2 and 3.10.4 (regex 2026.11.19); Python 3.11, linux-x86_64; seen 2026-11-29.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > count.py <<'P'
import re
import sys

sys.path.insert(0, sys.argv[1])
import nltk

tokenizer = nltk.tokenize.RegexpTokenizer(r"\w+")
texts = "नदी धीरे बहती है", "x ²", "The river runs"
print(nltk.__version__, *(len(tokenizer.tokenize(t)) for t in texts), "re:", *(len(re.findall(r"\w+", t)) for t in texts))
P
python3 -m venv v
for version in 3.9.2 3.10.4; do
    v/bin/pip install -q --disable-pip-version-check --target "$version" "nltk==$version" regex==2026.11.19
    v/bin/python count.py "$version" | tee -a seen
done
[ "$(sed -n 1p seen)" = "3.9.2 5 2 3 re: 5 2 3" ] && [ "$(sed -n 2p seen)" = "3.10.4 4 1 3 re: 5 2 3" ]
