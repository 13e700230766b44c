"""Writes generation.json: what transformers generates with models/stories260K, and which tokens it may draw.

python make_generation.py   (torch, transformers 5.24; 5.23 writes the same)

"greedy": continuations of several prompts, with and without a repetition penalty, each with the log-probs of the new tokens under the
model. "draw": for one prompt, the tokens that remain after the logits processors of generate(), in its order, and their probabilities.
"""
import json
import pathlib

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, logging
from transformers.generation.logits_process import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

logging.set_verbosity_error()
here = pathlib.Path(__file__).parent
model_dir = here.parent.parent / "models" / "stories260K"
model = AutoModelForCausalLM.from_pretrained(model_dir, dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(model_dir)

prompts = [[1], tokenizer.encode("Once upon a time"), tokenizer.encode("Tom and Lily were in the garden. They saw")]
greedy = []
for penalty in (1.0, 1.3, 0.9, 2.0):
    for prompt in prompts:
        ids = torch.tensor([prompt])
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=40,
            do_sample=False,
            repetition_penalty=penalty,
            eos_token_id=None,
            pad_token_id=0,
        )
        with torch.no_grad():
            log_probs = model(out).logits[0].double().log_softmax(-1)
        new = range(len(prompt), out.shape[1])
        greedy.append(
            {
                "penalty": penalty,
                "prompt": prompt,
                "ids": out[0].tolist(),
                "logProbs": [round(log_probs[t - 1, out[0, t]].item(), 6) for t in new],
            }
        )

draw = []
prompt = prompts[2]
for penalty, temperature, top_k, top_p, min_p in [
    (1.0, 1.0, 0, 1.0, 0.0),
    (1.0, 0.5, 0, 1.0, 0.0),
    (1.0, 1.0, 7, 1.0, 0.0),
    (1.0, 1.7, 0, 0.8, 0.0),
    (1.0, 0.8, 12, 0.7, 0.0),
    (1.0, 1.3, 0, 1.0, 0.05),
    (1.4, 1.2, 40, 0.95, 0.02),
    (1.0, 1.0, 1, 1.0, 0.0),
    (1.0, 3.0, 0, 0.999, 0.0),
]:
    processors = LogitsProcessorList()
    if penalty != 1:
        processors.append(RepetitionPenaltyLogitsProcessor(penalty))
    if temperature != 1:
        processors.append(TemperatureLogitsWarper(temperature))
    if top_k:
        processors.append(TopKLogitsWarper(top_k))
    if top_p < 1:
        processors.append(TopPLogitsWarper(top_p))
    if min_p:
        processors.append(MinPLogitsWarper(min_p))
    ids = torch.tensor([prompt])
    with torch.no_grad():
        logits = model(ids).logits[:, -1]
    p = processors(ids, logits).double().softmax(-1)[0]
    kept = p.nonzero()[:, 0].tolist()
    draw.append(
        {
            "penalty": penalty,
            "temperature": temperature,
            "topK": top_k,
            "topP": top_p,
            "minP": min_p,
            "prompt": prompt,
            "ids": kept,
            "probabilities": [float(f"{p[i].item():.7g}") for i in kept],
        }
    )

(here / "generation.json").write_text(json.dumps({"greedy": greedy, "draw": draw}, separators=(",", ":")) + "\n")
