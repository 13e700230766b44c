"""Fine-tuning steps of a Hugging Face model in PyTorch: LoRA by PEFT (all linear modules of the blocks, alpha 2 r, no dropout), or full.

Random tokens, no padding, loss on every token. A step is forward, cross-entropy, backward, clipping to norm 1 and AdamW on
what is trained. bf16 is autocast over weights in f32; bf16-base is autocast over frozen weights in bf16 with the adapter in f32.
peak_rss_mb is the highest of the whole process, loading included, as of psft bench; step_rss_mb that of the steps alone (Linux).
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn.functional as F
import transformers


def build(a):
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    dtype = torch.bfloat16 if a.precision == "bf16-base" else torch.float32
    model = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=dtype, attn_implementation="sdpa")
    if a.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if a.rank:
        import peft

        model = peft.get_peft_model(model, peft.LoraConfig(
            task_type="CAUSAL_LM", r=a.rank, lora_alpha=2 * a.rank, lora_dropout=0.0, target_modules="all-linear"))
    return model.train()  # checkpointing is off in evaluation mode


def peak_of_steps():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmHWM:"))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True)
    p.add_argument("--rank", type=int, default=16, help="0 trains all weights")
    p.add_argument("--precision", choices=("f32", "bf16", "bf16-base"), default="f32")
    p.add_argument("--checkpointing", action="store_true", help="activations are computed again, block by block")
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--length", type=int, default=256)
    p.add_argument("--steps", type=int, default=5)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    if a.rank == 0 and a.precision == "bf16-base":
        p.error("full fine-tuning needs weights in f32: AdamW on bf16 weights loses small updates")
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    model = build(a)
    trained = [x for x in model.parameters() if x.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.1)
    vocabulary = model.config.vocab_size
    ids, labels = (torch.randint(0, vocabulary, (a.batch, a.length)) for _ in range(2))

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision != "f32"):
            logits = model(input_ids=ids, use_cache=False).logits
            loss = F.cross_entropy(logits.view(-1, vocabulary).float(), labels.view(-1))
        del logits
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()

    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")  # VmHWM starts anew
    times = []
    for _ in range(1 + a.steps):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    cost = statistics.median(times[1:])
    print(json.dumps({
        "tokens_per_second": a.batch * a.length / cost * 1e3, "cost_ms": cost, "step_rss_mb": peak_of_steps(),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "trained": sum(x.numel() for x in trained), "torch": torch.__version__}))


main()
