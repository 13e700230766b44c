"""Whole GRPO steps of TRL's GRPOTrainer on a Hugging Face model: 8 random prompts x 8 samples by transformers, no token
ends one, a reward as good as random, log-probs and updates. A step is a rollout with all its updates.

As psft bench grpo: beta 0, AdamW with weight decay, clipping. With one update TRL takes no log-probs before it, with
more it does. The token that ends a text is one that the model never draws; the lengths of samples are checked.
"""
import argparse
import json
import os
import random
import resource
import statistics
import tempfile
import time
import warnings
import zlib

warnings.filterwarnings("ignore")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers

PROMPTS, GROUP, NEVER = 8, 8, 4


class Watch(transformers.TrainerCallback):
    """The first optimizer step of a rollout begins before the rollout."""

    def __init__(self, updates):
        self.updates, self.times, self.processor = updates, [], []

    def on_step_begin(self, args, state, control, **_):
        if state.global_step % self.updates == 0:
            self.start, self.used = time.perf_counter(), time.process_time()

    def on_step_end(self, args, state, control, **_):
        if state.global_step % self.updates == 0:
            self.times.append((time.perf_counter() - self.start) * 1e3)
            self.processor.append((time.process_time() - self.used) * 1e3)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--precision", choices=("f32", "bf16"), default="f32", help="bf16 is autocast over weights in f32")
    p.add_argument("--checkpointing", action="store_true", help="recompute activations, TRL's default")
    p.add_argument("--length", type=int, default=64, help="tokens of a prompt")
    p.add_argument("--new-tokens", type=int, default=128)
    p.add_argument("--batch", type=int, default=8, help="samples of a forward and backward pass")
    p.add_argument("--updates", type=int, default=1)
    p.add_argument("--steps", type=int, default=1)
    p.add_argument("--warm", type=int, default=0, help="steps before those that count")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    random.seed(0)
    model = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32, attn_implementation="sdpa")
    vocabulary = model.config.vocab_size
    words = Tokenizer(models.WordLevel({f"<{i}>": i for i in range(vocabulary)}, unk_token="<0>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, eos_token=f"<{NEVER}>", pad_token="<0>", padding_side="left")
    samples = PROMPTS * GROUP
    data = Dataset.from_list([
        {"prompt": " ".join(f"<{random.randrange(5, vocabulary)}>" for _ in range(a.length))}
        for _ in range(PROMPTS * (a.warm + a.steps))])
    watch, lengths = Watch(a.updates), []

    def reward(completions, completion_ids, **_):
        lengths.extend(len(ids) for ids in completion_ids)
        return [zlib.crc32(text.encode()) % 1000 / 1e3 for text in completions]

    with tempfile.TemporaryDirectory() as folder:
        config = trl.GRPOConfig(
            output_dir=folder, per_device_train_batch_size=a.batch,
            gradient_accumulation_steps=samples // a.updates // a.batch, steps_per_generation=samples // a.batch,
            num_generations=GROUP, max_completion_length=a.new_tokens, num_iterations=1, beta=0.0, loss_type="grpo",
            temperature=1.0, max_steps=(a.warm + a.steps) * a.updates, learning_rate=1e-6, lr_scheduler_type="constant",
            weight_decay=0.1, max_grad_norm=1.0, report_to=[], save_strategy="no", logging_strategy="no", use_cpu=True,
            bf16=a.precision == "bf16", gradient_checkpointing=a.checkpointing,
            disable_tqdm=True)
        trainer = trl.GRPOTrainer(model=model, reward_funcs=reward, args=config, train_dataset=data,
                                  processing_class=tokenizer, callbacks=[watch])
        generate, taken = trainer._generate_and_score_completions, []

        def timed(inputs):
            start = time.perf_counter()
            out = generate(inputs)
            taken.append((time.perf_counter() - start) * 1e3)
            return out

        trainer._generate_and_score_completions = timed
        trainer.train()
    if set(lengths) != {a.new_tokens}:
        raise SystemExit(f"samples have {sorted(set(lengths))} tokens, not {a.new_tokens}")
    cost, rollout = statistics.median(watch.times[a.warm:]), statistics.median(taken[a.warm:])
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({
        "tokens_per_second": samples * a.new_tokens / cost * 1e3, "cost_ms": cost, "peak_rss_mb": rss,
        "parts_ms": {"rollout and log-probs": rollout, "updates": cost - rollout,
                     "processor time of all": statistics.median(watch.processor[a.warm:])},
        "trl": trl.__version__}))


main()
