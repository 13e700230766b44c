"""Conversations of chatterbot-corpus (BSD-3-Clause) as `messages`: train.jsonl, and every fifth in held.jsonl.

    pip install chatterbot-corpus==1.3.3 pyyaml
    chats.py OUT_DIR
"""
import importlib.metadata
import json
import pathlib
import sys

import yaml


def conversations(folder):
    """Lists of turns, those of the user first: a first question once, and no turn without an answer."""
    seen = set()
    for file in sorted(folder.glob("*.yml")):
        for talk in yaml.safe_load(file.read_text(encoding="utf-8"))["conversations"]:
            turns = [str(turn).strip() for turn in talk]
            turns = turns[: len(turns) // 2 * 2]
            if turns and all(turns) and turns[0].lower() not in seen:
                seen.add(turns[0].lower())
                yield turns


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    package = importlib.metadata.distribution("chatterbot-corpus")
    rows = {"train": [], "held": []}
    for i, turns in enumerate(conversations(pathlib.Path(package.locate_file("chatterbot_corpus/data/english"))), 1):
        messages = [{"role": ("user", "assistant")[t % 2], "content": turn} for t, turn in enumerate(turns)]
        rows["held" if i % 5 == 0 else "train"].append(json.dumps({"messages": messages}) + "\n")
    for name, lines in rows.items():
        (out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        print(name, len(lines))


main()
