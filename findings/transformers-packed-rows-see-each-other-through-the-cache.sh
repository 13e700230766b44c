#!/usr/bin/env bash
# transformers 5.24.0: a packed row is only taken apart with use_cache=False and without an attention mask.
#
# Guessed: model(input_ids, position_ids) with positions that begin anew at every example keeps the examples apart, as
#   it does in Trainer with DataCollatorWithFlattening, also without flash attention.
# Seen:    the restart is looked at only where there is no cache and no attention mask. A plain call makes a cache by
#   default, and a mask of ones is what tokenizers give: in both cases the second example reads the first, without a
#   word. Its log-probs are off by 1.5 nats on average in a tiny random Llama, with sdpa and with eager attention. So
#   log-probs of an own loop (evaluation, an old policy, a reference model) do not fit the training, where Trainer has
#   set use_cache to False: its eval_loss is right by default, and wrong with TrainingArguments(use_cache=True).
# Source:  PyPI transformers 5.24.0, accelerate 1.15.0, torch 2.13.0, CPU; Python 3.11, linux-x86_64.
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
from transformers import DataCollatorWithFlattening, LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

torch.set_num_threads(1)
rows = [torch.randint(0, 64, (n,), generator=torch.Generator().manual_seed(n)) for n in (12, 9, 15)]
packed = torch.cat(rows)[None]
positions = torch.cat([torch.arange(len(row)) for row in rows])[None]


def log_probs(model, ids, **more):
    with torch.no_grad():
        logits = model(input_ids=ids, **more).logits[:, :-1]
    return logits.log_softmax(-1).gather(-1, ids[:, 1:, None])[0, :, 0]


def eval_loss(model, **more):
    args = TrainingArguments("out", per_device_eval_batch_size=3, use_cpu=True, report_to=[], disable_tqdm=True,
                             remove_unused_columns=False, **more)
    data = [{"input_ids": row.tolist()} for row in rows]
    return Trainer(model, args, data_collator=DataCollatorWithFlattening(), eval_dataset=data).evaluate()["eval_loss"]


for attention in ("sdpa", "eager"):
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=64, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, attn_implementation=attention)).eval()
    for weight in model.parameters():
        weight.data *= 8 if weight.dim() == 2 else 1
    alone = [log_probs(model, row[None]) for row in rows]
    ones = torch.ones_like(packed)
    seen = {}
    for name, more in (("plain call", {}), ("use_cache=False", {"use_cache": False}),
                       ("use_cache=False, ones", {"use_cache": False, "attention_mask": ones})):
        second = log_probs(model, packed, position_ids=positions, **more)[12:20]
        seen[name] = (second - alone[1]).abs().mean().item()
    true = -torch.cat(alone).mean().item()
    losses = {name: eval_loss(model, **more) for name, more in (("default", {}), ("cache", {"use_cache": True}))}
    print("RESULT %s: second example off by %s nats" % (
        attention, ", ".join("%.1e (%s)" % (off, name) for name, off in seen.items())))
    print("RESULT   loss %.3f one by one, eval_loss %.3f, with use_cache=True %.3f" % (true, *losses.values()))
    assert seen["use_cache=False"] < 1e-5, seen
    assert seen["plain call"] > 0.3 and seen["use_cache=False, ones"] > 0.3, seen
    assert abs(losses["default"] - true) < 1e-4 and abs(losses["cache"] - true) > 0.05, (true, losses)
P
v/bin/python check.py > out.txt 2> log || { cat log; exit 1; }
grep '^RESULT' out.txt | cut -c8-
