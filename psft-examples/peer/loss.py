"""Cross-entropy (or PSFT made of it) forward and backward from logits [rows, vocab] in PyTorch."""
import argparse
import json
import resource
import time

import torch
import torch.nn.functional as F

p = argparse.ArgumentParser()
p.add_argument("--rows", type=int, default=2048)
p.add_argument("--vocab", type=int, default=8192)
p.add_argument("--objective", choices=("sft", "psft"), default="sft")
p.add_argument("--repeats", type=int, default=15)
p.add_argument("--threads", type=int, default=2)
a = p.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(0)
logits = torch.randn(a.rows, a.vocab, requires_grad=True)
targets = torch.randint(0, a.vocab, (a.rows,))
old = -9 + torch.rand(a.rows)
times = []
for i in range(a.repeats + 3):
    logits.grad = None
    start = time.perf_counter()
    if a.objective == "sft":
        loss = F.cross_entropy(logits, targets)
    else:
        ratio = torch.exp(-F.cross_entropy(logits, targets, reduction="none") - old)
        loss = -torch.min(ratio, ratio.clamp(0.8, 1.28)).mean()
    loss.backward()
    times.append((time.perf_counter() - start) * 1e3)
cost = sorted(times[3:])[a.repeats // 2]
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"tokens_per_second": a.rows / cost * 1e3, "cost_ms": cost, "peak_rss_mb": rss}))
