#!/usr/bin/env bash
# transformers 5.24.0: "sliding_window" in a Llama config.json changes generate(), but not the logits of a pass.
#
# Guessed: no effect, as neither LlamaConfig nor LlamaForCausalLM has the field; perhaps a warning.
# Seen:    the logits of a whole text are equal to the last bit. generate() gives other ids: its cache reads the field from
#   the configuration and forgets keys. With use_cache=False the ids are those without the field. So the model that is
#   trained and scored is not the one that generates. Mistral files renamed to Llama have the field.
# Source:  PyPI transformers 5.24.0, torch 2.13.0 and 2.15.0, CPU; Python 3.11, linux-x86_64; seen 2026-11-29.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check transformers==5.24.0 torch==2.13.0
cat > check.py <<'P'
import json
import torch
from transformers import AutoModelForCausalLM, LlamaConfig

torch.manual_seed(1)
config = LlamaConfig(vocab_size=64, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
                     num_key_value_heads=1, max_position_embeddings=64)
model = AutoModelForCausalLM.from_config(config)
with torch.no_grad():
    for p in model.parameters():
        p += 0.3 * torch.randn_like(p)
model.save_pretrained("plain")
model.save_pretrained("window")
field = json.load(open("window/config.json"))
field["sliding_window"] = 4
json.dump(field, open("window/config.json", "w"))
ids = torch.tensor([[(7 * i + 3) % 64 for i in range(12)]])
logits, cached, whole = {}, {}, {}
for name in ("plain", "window"):
    m = AutoModelForCausalLM.from_pretrained(name).eval()
    with torch.no_grad():
        logits[name] = m(ids).logits
    settings = dict(max_new_tokens=20, do_sample=False, eos_token_id=None, pad_token_id=0)
    cached[name] = m.generate(ids, **settings)[0].tolist()
    whole[name] = m.generate(ids, use_cache=False, **settings)[0].tolist()
difference = (logits["plain"] - logits["window"]).abs().max().item()
print("logits: largest difference", difference)
print("generate with cache equal:", cached["plain"] == cached["window"])
print("generate without cache equal:", whole["plain"] == whole["window"], whole["plain"] == cached["plain"])
assert difference == 0 and cached["plain"] != cached["window"] and whole["plain"] == whole["window"] == cached["plain"]
P
v/bin/python check.py
