"""DPO of the skill testbed in plain torch, from the same pairs as DpoSkills: the control of its result.

Pairs:  java -cp "psft-examples/target/psft/lib/*" io.github.psft4j.examples.DpoSkills --write pairs.jsonl
Model:  psft-examples/src/main/resources/io/github/psft4j/examples/skills-base
Prints the greedy accuracy on held-out additions, and that of samples at temperature 1, a few times on the way.
"""
import argparse
import json
import random

import torch
from transformers import AutoTokenizer, LlamaForCausalLM


def held_out(prompt):
    """The split of Problem.isHeldOut: Java's hash of the prompt, spread by MurmurHash3's finalizer."""
    h = 0
    for c in prompt:
        h = (31 * h + ord(c)) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return (h ^ (h >> 16)) % 8 == 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--pairs", required=True)
    p.add_argument("--beta", type=float, default=2)
    p.add_argument("--lr", type=float, default=1e-4)
    p.add_argument("--batch", type=int, default=128, help="pairs of an optimizer step")
    p.add_argument("--epochs", type=int, default=2)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--problems", type=int, default=400, help="held-out additions that are asked")
    p.add_argument("--constant", action="store_true", help="a constant rate instead of one that falls to 0")
    a = p.parse_args()
    torch.manual_seed(a.seed)
    model = LlamaForCausalLM.from_pretrained(a.model, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    eos = tokenizer.eos_token_id
    ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]

    additions = [(f"A{x}+{y}=", str(x + y)) for x in range(100) for y in range(100)]
    additions = [(ids(q), answer) for q, answer in additions if held_out(q)]
    additions = random.Random(7).sample(additions, a.problems)

    @torch.no_grad()
    def accuracy(sampled):
        right = 0
        for length in sorted({len(q) for q, _ in additions}):
            same = [(q, answer) for q, answer in additions if len(q) == length]
            x = torch.tensor([q for q, _ in same])
            for _ in range(14):
                logits = model(x).logits[:, -1]
                following = torch.multinomial(logits.softmax(-1), 1) if sampled else logits.argmax(-1, keepdim=True)
                x = torch.cat([x, following], 1)
            for row, (_, answer) in zip(x[:, length:].tolist(), same):
                text = "".join(tokenizer.convert_ids_to_tokens(row[: row.index(eos)])) if eos in row else ""
                right += text.split(":")[-1].strip("[]") == answer
        return right / len(additions)

    def log_probs(sequences):
        width = max(len(q) + len(c) for q, c in sequences)
        x = torch.zeros(len(sequences), width, dtype=torch.long)
        mask = torch.zeros(len(sequences), width)
        for i, (q, c) in enumerate(sequences):
            x[i, : len(q) + len(c)] = torch.tensor(q + c)
            mask[i, len(q) : len(q) + len(c)] = 1
        token = model(x).logits[:, :-1].log_softmax(-1).gather(-1, x[:, 1:, None])[..., 0]
        return (token * mask[:, 1:]).sum(1)

    rows = [json.loads(line) for line in open(a.pairs)]
    pairs = [[(ids(r["prompt"]), ids(r[side])) for side in ("chosen", "rejected")] for r in rows]
    with torch.no_grad():
        reference = torch.cat(
            [log_probs([s for q in pairs[i : i + 64] for s in q]) for i in range(0, len(pairs), 64)]
        ).view(-1, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=a.lr, weight_decay=0.0)
    steps = a.epochs * -(-len(pairs) // a.batch)
    print(f"{len(pairs)} pairs, {steps} steps; {accuracy(False):.3f} greedy, {accuracy(True):.3f} sampled", flush=True)
    order, step = random.Random(a.seed), 0
    for _ in range(a.epochs):
        index = list(range(len(pairs)))
        order.shuffle(index)
        for start in range(0, len(index), a.batch):
            batch = index[start : start + a.batch]
            d = log_probs([s for i in batch for s in pairs[i]]).view(-1, 2) - reference[batch]
            x = a.beta * (d[:, 0] - d[:, 1])
            loss = -torch.nn.functional.logsigmoid(x).mean()
            rate = min(1, (step + 1) / 10) * (1 if a.constant else 1 - step / steps)
            for group in optimizer.param_groups:
                group["lr"] = a.lr * rate
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % max(1, steps // 4) == 0:
                margin, ranked = x.mean().item(), (x > 0).float().mean().item()
                print(
                    f"step {step}: {accuracy(False):.3f} greedy, {accuracy(True):.3f} sampled, loss {loss.item():.3f},"
                    f" margin {margin:.2f}, {ranked:.2f} ranked right, chosen {d[:, 0].mean().item():+.2f},"
                    f" rejected {d[:, 1].mean().item():+.2f} nats",
                    flush=True,
                )


main()
