"""Training steps in PyTorch: AdamW with weight decay, global-norm clipping, random tokens.

Six numbers B,T,D,H,L,V: a GPT of nn.Linear, nn.LayerNorm, exact GELU and scaled_dot_product_attention, learned positions.
Eight numbers B,T,D,H,KV,L,F,V: transformers' LlamaForCausalLM with the sdpa attention.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, t, d, h, layers, v):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(v, d), nn.Embedding(t, d)
        self.blocks = nn.ModuleList(Block(d, h) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, v, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def build(shape):
    if len(shape) == 6:
        b, t, d, h, layers, v = shape
        return b, t, v, Gpt(t, d, h, layers, v)
    import transformers

    b, t, d, h, kv, layers, f, v = shape
    config = transformers.LlamaConfig(
        vocab_size=v, hidden_size=d, intermediate_size=f, num_hidden_layers=layers, num_attention_heads=h,
        num_key_value_heads=kv, max_position_embeddings=t, tie_word_embeddings=False)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="sdpa").float()
    return b, t, v, lambda ids, m=model: m(input_ids=ids, use_cache=False).logits


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--shape", default="16,128,256,4,4,8192")
    p.add_argument("--objective", choices=("sft", "psft"), default="sft")
    p.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    p.add_argument("--compile", action="store_true")
    p.add_argument("--steps", type=int, default=6)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    b, t, v, net = build([int(x) for x in a.shape.split(",")])
    module = net if isinstance(net, nn.Module) else net.__defaults__[0]
    params = list(module.parameters())
    forward = torch.compile(net) if a.compile else net
    optimizer = torch.optim.AdamW(params, lr=1e-4, weight_decay=0.1)
    ids, labels = torch.randint(0, v, (b, t)), torch.randint(0, v, (b, t)).view(-1)

    def log_probs():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision == "bf16"):
            logits = forward(ids)
        return -F.cross_entropy(logits.view(-1, v).float(), labels, reduction="none")

    def update(loss):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()

    def step(k):
        if a.objective == "sft":
            update(-log_probs().mean())
            return
        if k % 8 == 0:  # pi_old of the other seven mini-batches of a macro-batch, without gradients
            with torch.no_grad():
                step.old = [log_probs() for _ in range(7)][0]
        new = log_probs()
        ratio = torch.exp(new - (new.detach() if k % 8 == 0 else step.old))
        update(-torch.min(ratio, ratio.clamp(0.8, 1.28)).mean())

    warm, times = 8 if a.objective == "psft" else 2, []
    for k in range(warm + a.steps):
        start = time.perf_counter()
        step(k)
        times.append((time.perf_counter() - start) * 1e3)
    times = times[warm:]
    places = 8 if a.objective == "psft" else 1  # in a macro-batch: the snapshot pass falls on the first
    cost = statistics.mean(statistics.median(times[place::places]) for place in range(places))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"tokens_per_second": b * t / cost * 1e3, "cost_ms": cost, "peak_rss_mb": rss,
                      "parameters": sum(x.numel() for x in params), "torch": torch.__version__}))


main()
