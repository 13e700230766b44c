"""Java and PyTorch in turns on the same cores: prints a Markdown table of medians and ratios. What a snapshot costs is
measured beside our own SFT instead (psft-over-sft).

    compare.py [--rounds 3] [--cores 0,1] [--only NAME,...] [--model DIR for generation] [--lora DIR for adapters]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent
BENCH = [str(EXAMPLES / "target/psft/bin/psft"), "bench"]  # with the options for Java and glibc that every user gets
GPT, LLAMA = "16,128,256,4,4,8192", "4,512,512,8,4,8,1408,32000"
SMOL = "4,256,576,9,3,30,1536,49152"  # SmolLM2-135M; two pairs


def lora(directory):
    """Adapters beside the frozen weights of a model, bf16 in the files: the bars are those of SmolLM2-135M."""
    usual, four = [], ["--batch", "4", "--length", "256"]  # said to both: their defaults differ
    job = lambda ours, peer, bar: (usual, ["lora", "--model", directory, "--steps", "5", *four, *ours],
                                   ["lora.py", "--model", directory, *four, *peer], 2, bar)
    bf16 = ["--precision", "bf16"]
    again, long = ["--recompute"], ["--batch", "1", "--length", "1024"]
    base, checkpointing = ["--precision", "bf16-base"], ["--checkpointing"]
    return {
        "lora-bf16": job(bf16, base, 1.65),
        "lora-bf16-recompute": job([*bf16, *again], [*base, *checkpointing], 1.5),
        "lora-f32": job([], [], 1.3),
        "lora-bf16-1024": job([*bf16, *again, *long], [*base, *checkpointing, *long], 1.5),
        "full-bf16": job([*bf16, "--rank", "0"], ["--precision", "bf16", "--rank", "0"], 1.5),
        "full-bf16-recompute": job([*bf16, *again, "--rank", "0"],
                                   ["--precision", "bf16", *checkpointing, "--rank", "0"], 1.3),
        "full-f32": job(["--rank", "0"], ["--rank", "0"], 2),
        **{f"grpo-{precision}": grpo(directory, precision) for precision in ("f32", "bf16")},
        "grpo-bf16-recompute": grpo(directory, "bf16", again, ["--checkpointing"]),
        **{f"smol-{precision}-{batch}": generation(directory, precision, batch, bar)
           for precision, bars in (("f32", (3.5, 3, 2.5, 2.5)), ("bf16", (3, 2.5, 2.5, 2.5)))
           for batch, bar in zip((1, 8, 32, 64), bars)},
        "prefill-1024": prompt(directory, "f32", 1024, ["generate.py", "--model", directory], 2),
    }


def prompt(directory, precision, length, peer, bar):
    """The tokens of a prompt, until the first new one."""
    options = ["--length", str(length), "--new-tokens", "1"]
    return ([], ["generate", "--model", directory, "--precision", precision, *options], [*peer, *options], 2, bar)


def llama(directory, gguf):
    """Beside llama.cpp, with the same weights in the same precision."""
    peer = lambda kind: ["llama.py", "--gguf", f"{gguf}-{kind}.gguf"]
    job = lambda precision, kind, batch, bar: (
        [], ["generate", "--model", directory, "--precision", precision, "--batch", batch, "--new-tokens", "64"],
        [*peer(kind), "--batch", batch, "--new-tokens", "64"], 2, bar)
    return {
        "llama-bf16-1": job("bf16", "bf16", "1", 1.2),
        "llama-int8-1": job("int8", "q8_0", "1", 1.3),
        "llama-bf16-16": job("bf16", "bf16", "16", 1.2),
        "llama-prefill-448": prompt(directory, "bf16", 448, peer("bf16"), 1.3),
    }


def grpo(directory, precision, here=(), there=()):
    """Whole steps: 8 prompts of 64 tokens, 8 samples of 128 each, one update; TRL's defaults are bf16, checkpointing."""
    options = ["--model", directory, "--precision", precision, "--length", "64", "--new-tokens", "128", "--batch", "8",
               "--steps", "1"]
    return ([], ["grpo", *options, *here], ["grpo.py", *options, *there], 2, 2.5)


def generation(directory, precision, batch, bar):
    """64 tokens for each of so many sequences."""
    options = ["--model", directory, "--precision", precision, "--batch", str(batch), "--new-tokens", "64"]
    return ([], ["generate", *options], ["generate.py", *options], 2, bar)


def work(model, adapted, gguf):
    """Name -> (Java options, psft arguments, peer and its arguments, cores, bar on the ratio of tokens per second)."""
    plain, usual = ["-Dpsft.rows=plain"], []
    train = lambda flags, shape, peer, bar, *more: (flags, ["train", "--shape", shape, *more],
                                                     ["train.py", "--shape", shape, *peer], 2, bar)
    jobs = {
        "sft-f32": train(usual, GPT, [], 1.25),
        "sft-f32-compile": train(usual, GPT, ["--compile"], 1.1),
        "sft-bf16": train(usual, GPT, ["--precision", "bf16"], 1.25, "--precision", "bf16"),
        "sft-f32-plain-java": train(plain, GPT, [], 1.1),
        "llama-f32": train(usual, LLAMA, [], 1.3, "--steps", "6"),
        "llama-bf16": train(usual, LLAMA, ["--precision", "bf16"], 1.3, "--precision", "bf16", "--steps", "6"),
        "long-2048": train(usual, "1,2048,256,4,4,8192", [], 1.3),
        "psft-f32": train(usual, GPT, ["--objective", "psft", "--steps", "16"], 1.25,
                          "--objective", "psft", "--steps", "48"),
        "psft-over-sft": (usual, ["train", "--shape", GPT, "--objective", "psft", "--steps", "48"],
                          [*BENCH, "train", "--shape", GPT, "--steps", "48"], 2, 1 / 1.3),
        "dpo": (usual, ["train", "--shape", SMOL, "--objective", "dpo", "--steps", "4"], ["dpo.py", "--shape", SMOL], 2,
                1.8),
        "loss": (usual, ["loss", "--repeats", "30"], ["loss.py"], 2, 1 / 0.15),
    }
    jobs.update(lora(adapted) if adapted else {})
    jobs.update(llama(adapted, gguf) if adapted and gguf else {})
    if model:
        for batch, bar in (("1", 5), ("32", 3)):
            options = ["--model", model, "--batch", batch, "--repeats", "9"]
            jobs[f"generate-{batch}"] = (usual, ["generate", *options], ["generate.py", *options], 1, bar)
    return jobs


def run(command, cores, options=()):
    env = dict(os.environ, OMP_NUM_THREADS=str(len(cores)), PSFT_OPTS=" ".join(options))
    done = subprocess.run(["taskset", "-c", ",".join(cores), *command], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--cores", default="0,1")
    p.add_argument("--only")
    p.add_argument("--model", help="a model directory such as stories260K, for generation")
    p.add_argument("--lora", help="a model directory such as SmolLM2-135M, for adapters; with --only lora-bf16, ...")
    p.add_argument("--gguf", help="beginning of the names of that model's GGUF files, PREFIX-bf16.gguf and"
                                  " PREFIX-q8_0.gguf; with --lora and --only llama-int8-1, ...")
    a = p.parse_args()
    jobs = work(a.model, a.lora, a.gguf)
    names = a.only.split(",") if a.only else list(jobs)
    print("| work | psft4j, tokens/s | beside it, tokens/s | ratio | at least | RSS psft4j / beside it, MB |")
    print("|---|---|---|---|---|---|")
    for name in names:
        flags, ours, peer, threads, bar = jobs[name]
        cores = a.cores.split(",")[:threads]
        options = ["-Xmx600m", f"-Dpsft.threads={threads}", *flags]
        if peer[0] == BENCH[0]:
            beside = [*peer, "--json"]
        else:
            beside = [sys.executable, str(HERE / peer[0]), *peer[1:], "--threads", str(threads)]
        java, other = [], []
        for _ in range(a.rounds):
            java.append(run([*BENCH, *ours, "--json"], cores, options))
            other.append(run(beside, cores, options))
        speed = [statistics.median(r["tokens_per_second"] for r in rows) for rows in (java, other)]
        rss = [statistics.median(r["peak_rss_mb"] for r in rows) for rows in (java, other)]
        print(f"| {name} | {speed[0]:,.0f} | {speed[1]:,.0f} | {speed[0] / speed[1]:.2f}x | {bar:.2f}x "
              f"| {rss[0]:,.0f} / {rss[1]:,.0f} ({rss[0] / rss[1]:.2f}x) |", flush=True)
    print(f"\n{a.rounds} rounds; {java[-1]['kernels']}")


main()
