"""LoRA steps of lora.py in PyTorch DistributedDataParallel: gloo, processes of one thread on this machine, the batch split between
them. bf16 is autocast over frozen weights in bf16 with the adapter in f32. Prints one JSON object for the whole group.

    ddp.py --model DIR --batch 4 --length 256 --processes 2
"""
import argparse
import json
import os
import resource
import statistics
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
import transformers
from torch.nn.parallel import DistributedDataParallel


def work(rank, a, port, out):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), GLOO_SOCKET_IFNAME="lo")
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    dist.init_process_group("gloo", rank=rank, world_size=a.processes)
    import peft

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    dtype = torch.float32 if a.precision == "f32" else torch.bfloat16
    base = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=dtype, attn_implementation="sdpa")
    model = peft.get_peft_model(base, peft.LoraConfig(
        task_type="CAUSAL_LM", r=a.rank, lora_alpha=2 * a.rank, lora_dropout=0.0, target_modules="all-linear"))
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    replica = DistributedDataParallel(model.train())
    trained = [x for x in model.parameters() if x.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.1)
    vocabulary = base.config.vocab_size
    ids, labels = (torch.randint(0, vocabulary, (a.batch // a.processes, a.length)) for _ in range(2))
    times = []
    for _ in range(2 + a.steps):
        dist.barrier()
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision != "f32"):
            logits = replica(input_ids=ids, use_cache=False).logits
            loss = F.cross_entropy(logits.view(-1, vocabulary).float(), labels.view(-1))
        del logits
        loss.backward()  # adds the gradients of all processes
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        dist.barrier()
        times.append((time.perf_counter() - start) * 1e3)
    peak = torch.tensor([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024])
    dist.all_reduce(peak)
    if rank == 0:
        cost = statistics.median(times[2:])
        out.put({"tokens_per_second": a.batch * a.length / cost * 1e3, "cost_ms": cost, "min_ms": min(times[2:]),
                 "peak_rss_mb": int(peak), "trained": sum(x.numel() for x in trained), "torch": torch.__version__})
    dist.destroy_process_group()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True)
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--precision", choices=("f32", "bf16"), default="bf16")
    p.add_argument("--batch", type=int, default=4, help="sequences of a step, over all processes")
    p.add_argument("--length", type=int, default=256)
    p.add_argument("--steps", type=int, default=5)
    p.add_argument("--processes", type=int, default=2)
    p.add_argument("--port", type=int, default=29511)
    a = p.parse_args()
    if a.batch % a.processes:
        p.error(f"--batch {a.batch} does not divide among {a.processes} processes")
    out = mp.get_context("spawn").SimpleQueue()
    mp.spawn(work, args=(a, a.port, out), nprocs=a.processes)
    print(json.dumps(out.get()))


if __name__ == "__main__":
    main()
