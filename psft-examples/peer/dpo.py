"""DPO steps of TRL's DPOTrainer on transformers' LlamaForCausalLM: random tokens, AdamW with weight decay, clipping.

Shape B,T,D,H,KV,L,F,V: B sequences (B/2 pairs) of T + 1 tokens, the first half of which is the pair's prompt. The reference's log-probs are computed before the
first step and not timed, as psft bench train --objective dpo does; --reference-each-step is TRL's default instead.
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

warnings.filterwarnings("ignore")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers


class Watch(transformers.TrainerCallback):
    def __init__(self):
        self.times = []

    def on_step_begin(self, *_, **__):
        self.start = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.times.append((time.perf_counter() - self.start) * 1e3)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--shape", default="4,256,576,9,3,30,1536,49152")
    p.add_argument("--reference-each-step", action="store_true")
    p.add_argument("--steps", type=int, default=4)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    random.seed(0)
    b, t, d, h, kv, layers, f, v = (int(x) for x in a.shape.split(","))
    words = Tokenizer(models.WordLevel({f"<{i}>": i for i in range(v)}, unk_token="<0>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<2>", pad_token="<0>")
    prompt = (t + 1) // 2
    words_of = lambda n: [f"<{random.randrange(3, v)}>" for _ in range(n)]
    answer = lambda: " " + " ".join(words_of(t - prompt) + ["<2>"])
    warm, pairs = 2, b // 2
    data = Dataset.from_list([{"prompt": " ".join(words_of(prompt)), "chosen": answer(), "rejected": answer()}
                              for _ in range((warm + a.steps) * pairs)])
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        model = transformers.AutoModelForCausalLM.from_config(transformers.LlamaConfig(
            vocab_size=v, hidden_size=d, intermediate_size=f, num_hidden_layers=layers, num_attention_heads=h,
            num_key_value_heads=kv, max_position_embeddings=t + 2, tie_word_embeddings=False, bos_token_id=1,
            eos_token_id=2, pad_token_id=0), attn_implementation="sdpa").float()
        model.save_pretrained(folder + "/start")
        model = transformers.AutoModelForCausalLM.from_pretrained(folder + "/start", dtype=torch.float32,
                                                                  attn_implementation="sdpa")
        config = trl.DPOConfig(
            output_dir=folder, per_device_train_batch_size=pairs, max_steps=warm + a.steps, learning_rate=1e-4,
            lr_scheduler_type="constant", weight_decay=0.1, max_grad_norm=1.0, beta=0.1, report_to=[],
            save_strategy="no", logging_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False,
            max_length=t + 2, precompute_ref_log_probs=not a.reference_each_step, disable_tqdm=True)
        trainer = trl.DPOTrainer(model=model, args=config, processing_class=tokenizer, train_dataset=data,
                                 callbacks=[watch])
        trainer.train()
    cost = statistics.median(watch.times[warm:])
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"tokens_per_second": b * t / cost * 1e3, "cost_ms": cost, "peak_rss_mb": rss,
                      "parameters": sum(x.numel() for x in model.parameters()), "trl": trl.__version__}))


main()
