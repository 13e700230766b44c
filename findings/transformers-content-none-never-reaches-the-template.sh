#!/usr/bin/env bash
# transformers 5.24.0 (tokenizers 0.23.3, Jinja2 3.1.6): a template that asks "content is none" never finds it.
#
# Guessed: apply_chat_template hands messages to the template as they are, so OpenAI's "content": null beside tool_calls
#   is None there. The templates of DeepSeek V3 and R1 are written for that: they write the calls of a message only
#   where message['content'] is none.
# Seen:    fields that are None are left out before the template runs. The test is then false for an undefined value,
#   the other branch runs, and the turn is written empty, without the call and without an error. An assistant's call
#   in OpenAI's format is lost in the training text of those templates.
# Source:  transformers/utils/chat_template_utils.py, _normalize_chat_messages.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/v"
"$work/v/bin/pip" install -q --disable-pip-version-check transformers==5.24.0 tokenizers==0.23.3 jinja2==3.1.6
cat > "$work/check.py" <<'P'
import jinja2
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

template = (
    "{% for m in messages %}{% if m['role'] == 'assistant' and m['content'] is none %}"
    "CALL {{ m['tool_calls'][0]['function']['name'] }}"
    "{% elif m['role'] == 'assistant' %}SAY {{ m['content'] }}{% else %}{{ m['content'] }} {% endif %}{% endfor %}"
)
call = {"type": "function", "function": {"name": "depth", "arguments": "{}"}}
messages = [{"role": "user", "content": "How deep?"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))
plain = jinja2.Template(template).render(messages=messages)
seen = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False)
print("Jinja2:       %r" % plain)  # 'How deep? CALL depth'
print("transformers: %r" % seen)  # 'How deep? SAY '
raise SystemExit(0 if plain == "How deep? CALL depth" and seen == "How deep? SAY " else 1)
P
"$work/v/bin/python" "$work/check.py"
