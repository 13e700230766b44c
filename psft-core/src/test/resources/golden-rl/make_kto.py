"""Makes kto.json and kto.safetensors: TRL's KTOTrainer in float32 on the start model `llama`, six steps of eight answers.

Run in this folder with trl 1.16.0, transformers 5.24.0, torch 2.15.0: python make_kto.py
Words are ids ("<17>" is 17), so that the rows are text for TRL and ids for a reader of the file. Answers are taken in their
order; the mismatched answer of each is the one before it in its block of eight, as KTOTrainer makes them.
"""
import json, random, sys, tempfile
import torch
from datasets import Dataset
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import KTOConfig, KTOTrainer

SEED, ANSWERS, BATCH, STEPS = 23, 24, 8, 6
VOCABULARY, EOS = 97, 2
random.seed(SEED)
torch.manual_seed(SEED)
torch.set_num_threads(1)


def sequence(n):
    return [random.randrange(3, VOCABULARY) for _ in range(n)]


rows = []
for i in range(ANSWERS):
    rows.append({"prompt": [1] + sequence(random.randint(2, 6)), "completion": sequence(random.randint(2, 9)) + [EOS],
                 "label": random.random() < 0.6})
words = Tokenizer(models.WordLevel({f"<{i}>": i for i in range(VOCABULARY)}, unk_token="<0>"))
words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<2>", pad_token="<0>")
text = lambda ids: " ".join(f"<{i}>" for i in ids)
data = Dataset.from_list([{"prompt": text(r["prompt"]), "completion": " " + text(r["completion"]), "label": r["label"]}
                          for r in rows])
parameters = {"beta": 0.2, "desirable_weight": 1.0, "undesirable_weight": 1.3, "lr": 1e-3, "betas": [0.9, 0.999],
              "eps": 1e-8, "weight_decay": 0.0, "max_grad_norm": 1.0, "batch": BATCH}
steps = []


class Record(TrainerCallback):
    def on_log(self, args, state, control, logs=None, **_):
        if "loss" in logs:
            steps.append({k.replace("/", "_"): v for k, v in logs.items() if isinstance(v, float)})


with tempfile.TemporaryDirectory() as folder:
    model = AutoModelForCausalLM.from_pretrained("llama", dtype=torch.float32)
    config = KTOConfig(
        output_dir=folder, per_device_train_batch_size=BATCH, max_steps=STEPS, learning_rate=parameters["lr"],
        lr_scheduler_type="constant", weight_decay=0.0, max_grad_norm=1.0, beta=parameters["beta"],
        desirable_weight=parameters["desirable_weight"], undesirable_weight=parameters["undesirable_weight"],
        logging_steps=1, logging_first_step=True, report_to=[], save_strategy="no", use_cpu=True, bf16=False,
        gradient_checkpointing=False, max_length=64, train_sampling_strategy="sequential", disable_dropout=True,
        adam_epsilon=1e-8, seed=SEED, optim="adamw_torch")
    trainer = KTOTrainer(model=model, args=config, processing_class=tokenizer, train_dataset=data, callbacks=[Record()])
    first = trainer.train_dataset[0]
    ids = {k: first[k] for k in first if k.endswith("_ids")}
    print(ids, rows[0])
    assert first["prompt_ids"] + first["completion_ids"] == rows[0]["prompt"] + rows[0]["completion"], ids
    trainer.train()
    final = {name: p.detach().clone().contiguous() for name, p in model.named_parameters()}
json.dump({"versions": {"trl": "1.16.0"}, "model": "llama", "rows": rows, "parameters": parameters, "steps": steps},
          open("kto.json", "w"), indent=1)
save_file({f"final.{k}": v for k, v in final.items() if "layers.0.self_attn" in k or k in ("lm_head.weight", "model.norm.weight")},
          "kto.safetensors")
for s in steps:
    print(s)
