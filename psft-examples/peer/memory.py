"""Compares the memory plan with the peak resident memory of real runs, each a process of its own.

    memory.py PSFT WORK SMOLLM2 [NAME...]     PSFT: the command; WORK: a folder for models, data and runs; all runs by default

Needs Linux, and transformers for the models with random weights. The peak is the ru_maxrss of the process."""
import json, multiprocessing, os, random, subprocess, sys


def tokens(path, rows, length, vocabulary):
    if not os.path.exists(path):
        draw = random.Random(1)
        with open(path, "w") as f:
            for _ in range(rows):
                f.write(json.dumps({"input_ids": [draw.randrange(vocabulary) for _ in range(length)]}) + "\n")
    return path


def made(path, write, shape):
    """Writes a model in a process of its own: on Linux the ru_maxrss of a command begins with that of the process that starts it."""
    if not os.path.exists(path):
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, shape))
        writer.start()
        writer.join()
        if writer.exitcode:
            sys.exit(f"{path} was not written")
    return path


def write_llama(path, shape):
    import torch, transformers as tf

    torch.manual_seed(0)
    tf.LlamaForCausalLM(tf.LlamaConfig(**shape)).save_pretrained(path)


def write_qwen(path, shape):
    """Random weights in bfloat16 in a shape of Qwen2.5."""
    import torch, transformers as tf

    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    config = tf.Qwen2Config(vocab_size=151936, max_position_embeddings=32768, rope_theta=1e6, rms_norm_eps=1e-6, num_key_value_heads=2, tie_word_embeddings=True, **shape)
    tf.Qwen2ForCausalLM(config).save_pretrained(path)


def model(path, **shape):
    return made(path, write_llama, shape)


def qwen(path, **shape):
    return made(path, write_qwen, shape)


def runs(work, smol):
    half = lambda: qwen(f"{work}/qwen2.5-0.5b", hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14)
    large = lambda: qwen(f"{work}/qwen2.5-1.5b", hidden_size=1536, intermediate_size=8960, num_hidden_layers=28, num_attention_heads=12)
    text = lambda: tokens(f"{work}/1025.jsonl", 4, 1025, 151936)
    one = {"batch.macro": 1, "batch.mini": 1, "train.max_steps": 2}
    lora = {"lora.r": 16, "lora.target_modules": "all-linear", "train.recompute": "blocks"}
    long = lambda: model(f"{work}/long", vocab_size=8192, hidden_size=512, intermediate_size=1408, num_hidden_layers=12, num_attention_heads=8, num_key_value_heads=4, max_position_embeddings=4096)
    wide = lambda: model(f"{work}/wide", vocab_size=151936, hidden_size=256, intermediate_size=1024, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024)
    short = lambda: tokens(f"{work}/257.jsonl", 32, 257, 49152)
    batch = {"batch.macro": 4, "batch.mini": 4}
    bf16 = {"model.precision": "bf16"}
    return {
        "full f32, 4 x 256": (lambda: smol, short, {**batch}),
        "full bf16, 4 x 256": (lambda: smol, short, {**batch, **bf16}),
        "full bf16, recompute, 4 x 256": (lambda: smol, short, {**batch, **bf16, "train.recompute": "blocks"}),
        "LoRA r 16, f32, 4 x 256": (lambda: smol, short, {**batch, "lora.r": 16}),
        "LoRA r 16, bf16, dropout 0.1, recompute, 4 x 256": (lambda: smol, short, {**batch, **bf16, **lora, "lora.dropout": 0.1}),
        "Qwen2.5-0.5B shape, LoRA r 16, bf16, recompute, 1 x 1,024": (half, text, {**one, **bf16, **lora}),
        "Qwen2.5-0.5B shape, full bf16, recompute, 1 x 1,024": (half, text, {**one, **bf16, "train.recompute": "blocks"}),
        "Qwen2.5-1.5B shape, LoRA r 16, bf16, recompute, 1 x 1,024": (large, text, {**one, **bf16, **lora}),
        "PSFT bf16, K = 2, 2 micro-batches, moments in bf16": (lambda: smol, short, {"batch.macro": 8, "batch.mini": 4, "batch.micro": 2, **bf16, "objective.name": "psft", "optimizer.moments": "bf16"}),
        "long, 1 x 4,000, 46 M, f32": (long, lambda: tokens(f"{work}/4001.jsonl", 4, 4001, 8192), {"batch.macro": 1, "batch.mini": 1}),
        "vocabulary 151,936, 2 x 512, 83 M, checkpoints": (wide, lambda: tokens(f"{work}/513.jsonl", 8, 513, 151936), {"batch.macro": 2, "batch.mini": 2, "checkpoint.every": 2}),
    }


def peak(command):
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{output[-2000:]}")
    return usage.ru_maxrss / 1024 * 1.048576  # kB of 1024 bytes to MB of a million


def row(name, plan, measured):
    print(f"| {name} | {plan:,.0f} | {measured:,.0f} | {100 * (plan / measured - 1):+.1f} % |", flush=True)


def main():
    psft, work, smol, names = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    os.makedirs(work, exist_ok=True)
    print("| run | plan, MB | measured, MB | difference |\n|---|---|---|---|", flush=True)
    for name, (of, data, settings) in runs(work, smol).items():
        if names and not any(part in name for part in names):
            continue
        values = {"model.path": of(), "data.train": data(), "data.layout": "tokens", "data.loss_on": "all", "objective.name": "sft", "train.max_steps": 4, "optimizer.lr": 1e-5, "monitor.listeners": "[]", "run.dir": f"{work}/run", "run.overwrite": "true", **settings}
        config = f"{work}/run.yaml"
        with open(config, "w") as f:
            f.write("run: {seed: 1}\n")
        overrides = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
        plan = json.loads(subprocess.run([psft, "plan", config, "--json", *overrides], capture_output=True, text=True, check=True).stdout)
        row(name, plan["total"] / 1e6, peak([psft, "train", config, *overrides]))
    name = "generation of 512 tokens, f32"
    if not names or any(part in name for part in names):
        plan = json.loads(subprocess.run([psft, "plan", "--model", smol, "--length", "520", "--prompt", "8", "--json"], capture_output=True, text=True, check=True).stdout)
        row(name, plan["total"] / 1e6, peak([psft, "generate", "--model", smol, "--prompt", "The history of the world", "--max-new-tokens", "512"]))


if __name__ == "__main__":
    main()
