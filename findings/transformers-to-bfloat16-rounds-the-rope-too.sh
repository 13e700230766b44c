#!/usr/bin/env bash
# transformers 5.24.0: model.to(torch.bfloat16) is not from_pretrained(dtype=torch.bfloat16): it rounds the RoPE too.
#
# Guessed: both give the same model, as the file holds only weights and both round each of them to the nearest bfloat16.
# Seen:    the weights are equal to the last bit. But to(), bfloat16() and half() also cast the buffer of the RoPE
#   frequencies, which from_pretrained keeps in float32. A frequency is then off by up to 0.2 %, and the angle by this
#   times the position: the error grows with the length. Log-probs of a small random Llama against float32: 0.013 nats
#   mean at any position with dtype=, after to() 0.02 at position 100, 0.1 at 1000, 0.16 at 2900. So the same
#   weights score worse in a script that loads float32 and casts, and in Trainer with bf16_full_eval, which calls to().
# Source:  PyPI transformers 5.24.0, torch 2.13.0, CPU; Python 3.11, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check transformers==5.24.0 torch==2.13.0 accelerate==1.15.0
cat > check.py <<'P'
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

torch.set_num_threads(1)
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=64, hidden_size=128, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2,
    max_position_embeddings=4096, rope_parameters={"rope_type": "default", "rope_theta": 5e5}))
for name, p in model.named_parameters():
    if p.dim() == 2:
        p.data *= 6 if "q_proj" in name or "k_proj" in name else 5
model.save_pretrained("model")
ids = torch.randint(0, 64, (1, 3000))


def log_probs(m):
    with torch.no_grad():
        return m.eval()(ids).logits.float().log_softmax(-1).gather(-1, ids[..., None])[0, :, 0]


full = AutoModelForCausalLM.from_pretrained("model")
wanted = log_probs(full)
trained = AutoModelForCausalLM.from_pretrained("model")
arguments = TrainingArguments("out", report_to=[], use_cpu=True, bf16_full_eval=True, disable_tqdm=True)
Trainer(trained, arguments, eval_dataset=[{"input_ids": [1, 2], "labels": [1, 2]}]).evaluate()
models = {
    "dtype=bfloat16": AutoModelForCausalLM.from_pretrained("model", dtype=torch.bfloat16),
    "to(bfloat16)": full.to(torch.bfloat16),
    "bf16_full_eval": trained,
}
errors = {}
for name, m in models.items():
    assert all(torch.equal(a, b) for a, b in zip(m.parameters(), models["dtype=bfloat16"].parameters()))
    difference = (log_probs(m) - wanted).abs()
    errors[name] = [difference[n - 50 : n].mean().item() for n in (100, 300, 1000, 2900)]
    kind = m.model.rotary_emb.inv_freq.dtype
    print("%-15s frequencies in %-14s mean error before position 100, 300, 1000, 2900: %s" % (
        name, kind, " ".join("%.3f" % e for e in errors[name])))
    assert kind == (torch.float32 if name == "dtype=bfloat16" else torch.bfloat16)
assert max(errors["dtype=bfloat16"]) < 0.025, errors
assert all(errors[name][2] > 0.05 and errors[name][3] > 0.1 for name in ("to(bfloat16)", "bf16_full_eval")), errors
P
v/bin/python check.py 2> log || { cat log; exit 1; }
