"""Greedy generation of transformers from prompts of any tokens; with one new token those of the prompts are counted."""
import argparse
import json
import resource
import statistics
import time

import torch
import transformers

p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--precision", choices=("f32", "bf16"), default="f32")
p.add_argument("--batch", type=int, default=1)
p.add_argument("--length", type=int, default=1, help="tokens of a prompt")
p.add_argument("--new-tokens", type=int, default=256)
p.add_argument("--repeats", type=int, default=3)
p.add_argument("--threads", type=int, default=1)
a = p.parse_args()
transformers.logging.set_verbosity_error()
torch.set_num_threads(a.threads)
model = transformers.AutoModelForCausalLM.from_pretrained(
    a.model, dtype=torch.bfloat16 if a.precision == "bf16" else torch.float32).eval()
prompt = (1 + 31 * torch.arange(a.length) % (model.config.vocab_size - 1)).repeat(a.batch, 1)


def milliseconds():
    start = time.perf_counter()
    model.generate(prompt, max_new_tokens=a.new_tokens, min_new_tokens=a.new_tokens, do_sample=False, pad_token_id=0)
    return (time.perf_counter() - start) * 1e3


warm_up = [milliseconds(), milliseconds()]
while sum(warm_up) < 3000:  # caches of PyTorch and of the processor; psft4j warms up until its compiler is idle
    warm_up.append(milliseconds())
cost = statistics.median(milliseconds() for _ in range(a.repeats))
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
tokens = a.batch * (a.length if a.new_tokens == 1 else a.new_tokens)
print(json.dumps({"tokens_per_second": tokens / cost * 1e3, "cost_ms": cost, "peak_rss_mb": rss}))
