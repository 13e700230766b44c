"""psft eval beside its peers on the same items: transformers (log-likelihoods), lm-eval (accuracies, perplexities, generated
answers) and plain Python (avg@k, pass@k, standard errors, intervals). Prints one JSON object; exits 1 where they differ.

    pip install torch transformers lm-eval datasets scipy
    evaluation.py --model SmolLM2-135M-Instruct --gsm8k gsm8k/test.jsonl [--items 200] [--psft psft]
"""
import argparse
import copy
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--gsm8k", required=True, help="test.jsonl of GSM8K: the items are made of it")
p.add_argument("--items", type=int, default=200)
p.add_argument("--texts", type=int, default=40)
p.add_argument("--generated", type=int, default=40)
p.add_argument("--psft", default="psft", help="the command; several words are split")
p.add_argument("--work", help="directory to keep; an evaluation that is there is not repeated")
a = p.parse_args()
work = pathlib.Path(a.work or tempfile.mkdtemp()).resolve()
work.mkdir(parents=True, exist_ok=True)
os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_CACHE=str(work / "cache"))
rows = [json.loads(line) for line in open(a.gsm8k, encoding="utf-8")]
out, faults = {}, []


def check(name, value, ok):
    out[name] = value
    print(name, value, "" if ok else "DIFFERS", file=sys.stderr, flush=True)
    if not ok:
        faults.append(name)


def write(name, items):
    path = work / name
    path.write_text("".join(json.dumps(i, ensure_ascii=False) + "\n" for i in items), encoding="utf-8")
    return path


def psft(task, data):
    """Our items and figures."""
    home = work / "psft" / pathlib.Path(task).stem
    if not (home / "result.json").exists():
        subprocess.run([*a.psft.split(), "eval", "--task", str(task), "--data", str(data), "--model", a.model, "--quiet",
                        "--out", str(work / "psft")], check=True, stdout=subprocess.DEVNULL)
    return ([json.loads(line) for line in open(home / "items.jsonl", encoding="utf-8")],
            json.load(open(home / "result.json", encoding="utf-8")))


# Items: a question with its answer and three others, of unequal length; gold is the number of the right one.
rnd, choices = random.Random(0), []
for row in rows[:a.items]:
    right = row["answer"].split("####")[1].strip()
    number = int(right.replace(",", ""))
    others = [f"{number + rnd.randint(1, 9)}", f"{number * 10} in total", f"about {number // 2 + 1}"]
    options = [right, *others]
    rnd.shuffle(options)
    choices.append({"question": row["question"], "choices": options, "answer": options.index(right)})
choice_file = write("choices.jsonl", choices)
text_file = write("texts.jsonl", [{"text": r["question"] + "\n" + r["answer"]} for r in rows[:a.texts]])
generate_file = write("generate.jsonl", rows[:a.generated])
tasks = work / "tasks"
tasks.mkdir(exist_ok=True)


def lm_eval_task(name, data, **fields):
    task = {"task": name, "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(data)}},
            "test_split": "test", **fields}
    (tasks / f"{name}.yaml").write_text(json.dumps(task), encoding="utf-8")  # JSON is YAML


lm_eval_task("peer_choice", choice_file, output_type="multiple_choice", doc_to_text="Question: {{question}}\nAnswer:",
             doc_to_choice="choices", doc_to_target="answer",
             metric_list=[{"metric": m, "aggregation": "mean", "higher_is_better": True}
                          for m in ("acc", "acc_norm", "acc_bytes")])
lm_eval_task("peer_perplexity", text_file, output_type="loglikelihood_rolling", doc_to_text="", doc_to_target="text",
             metric_list=[{"metric": m} for m in ("word_perplexity", "byte_perplexity", "bits_per_byte")])
lm_eval_task("peer_generate", generate_file, output_type="generate_until", doc_to_text="Question: {{question}}\nAnswer:",
             doc_to_target="{{answer.split('####')[1].strip()}}",
             generation_kwargs={"until": ["Question:"], "do_sample": False, "max_gen_toks": 96},
             filter_list=[{"name": "last", "filter": [{"function": "regex", "regex_pattern": r"(-?[0-9][0-9,]*)",
                                                       "group_select": -1}, {"function": "take_first"}]}],
             metric_list=[{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}])

ours = {
    "choice": {"task": {"kind": "choice"}, "prompt": {"template": "Question: {{question}}\nAnswer:"}},
    "perplexity": {"task": {"kind": "perplexity"}, "prompt": {"template": "{{text}}"}},
    "generate": {"task": {"kind": "generate"}, "prompt": {"form": "text", "template": "Question: {{question}}\nAnswer:"},
                 "generation": {"max_tokens": 96, "stop": ["Question:"]},
                 "judge": {"by": "regex", "pattern": "(-?[0-9][0-9,]*)", "gold": "gold"}},
    "sampled": {"task": {"kind": "generate", "seed": 7}, "prompt": {"form": "text",
                                                                   "template": "Question: {{question}}\nAnswer:"},
                "generation": {"max_tokens": 48, "samples": 8, "temperature": 0.9, "top_p": 0.95, "stop": ["\n"]}},
}
for name, task in ours.items():
    (work / f"{name}.yaml").write_text(json.dumps(task), encoding="utf-8")
gold_file = write("gold.jsonl", [{**r, "gold": r["answer"].split("####")[1].strip()} for r in rows[:a.generated]])
mine = {"choice": psft(work / "choice.yaml", choice_file), "perplexity": psft(work / "perplexity.yaml", text_file),
        "generate": psft(work / "generate.yaml", gold_file), "sampled": psft(work / "sampled.yaml", gold_file)}

import numpy as np  # after ours: two programs of many threads at a time would only wait for each other
import scipy.stats
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

# transformers, one choice at a time.
tokenizer = AutoTokenizer.from_pretrained(a.model)
model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32).eval()
worst, right = 0.0, 0
with torch.no_grad():
    for item, row in zip(mine["choice"][0], choices):
        context = f"Question: {row['question']}\nAnswer:"
        front, sums = tokenizer(context)["input_ids"], []
        past = model(torch.tensor([front[:-1]]), logits_to_keep=1).past_key_values
        for option in row["choices"]:
            ids = tokenizer(context + " " + option)["input_ids"]
            assert ids[:len(front)] == front
            rest = torch.tensor([ids[len(front) - 1:]])
            logits = model(rest[:, :-1], past_key_values=copy.deepcopy(past)).logits[0].double()
            sums.append(torch.log_softmax(logits, -1).gather(1, rest[0, 1:, None]).sum().item())
        right += int(np.argmax(sums) == row["answer"])
        worst = max(worst, *(abs(s - c["logLikelihood"]) for s, c in zip(sums, item["choices"])))
result = mine["choice"][1]["metrics"]
check("choice_items", len(choices), len(mine["choice"][0]) == len(choices))
check("choice_largest_difference_to_transformers_nats", worst, worst < 1e-4)
check("choice_acc_transformers_and_psft", [right / len(choices), result["acc"]["value"]],
      abs(right / len(choices) - result["acc"]["value"]) < 1e-12)
del model

# lm-eval.
import lm_eval
from lm_eval.tasks import TaskManager

peer = lm_eval.simple_evaluate(model="hf", model_args={"pretrained": a.model, "dtype": "float32"}, device="cpu", batch_size=8,
                               tasks=["peer_choice", "peer_perplexity", "peer_generate"], bootstrap_iters=0,
                               task_manager=TaskManager(include_path=str(tasks), include_defaults=False))
out["lm_eval"] = lm_eval.__version__
for metric in ("acc", "acc_norm", "acc_bytes"):
    theirs = peer["results"]["peer_choice"][f"{metric},none"]
    check(f"{metric}_lm_eval_and_psft", [theirs, result[metric]["value"]], abs(theirs - result[metric]["value"]) < 1e-12)
for metric in ("word_perplexity", "byte_perplexity", "bits_per_byte"):
    theirs, own = peer["results"]["peer_perplexity"][f"{metric},none"], mine["perplexity"][1]["metrics"][metric]["value"]
    check(f"{metric}_lm_eval_and_psft", [theirs, own], abs(theirs / own - 1) < 1e-5)
samples = sorted(peer["samples"]["peer_generate"], key=lambda s: s["doc_id"])
same = sum(s["resps"][0][0] == i["samples"][0]["completion"] for s, i in zip(samples, mine["generate"][0]))
check("generated_equal_texts", f"{same} of {len(samples)}", same == len(samples))
theirs, own = peer["results"]["peer_generate"]["exact_match,last"], mine["generate"][1]["metrics"]["avg@1"]["value"]
check("exact_match_lm_eval_and_psft", [theirs, own], abs(theirs - own) < 1e-12)

# Plain Python on the item file.
items, result = mine["sampled"]
counts = [sum(s["verdict"] == "equal" for s in i["samples"]) for i in items]
for metric, values in {"avg@8": [c / 8 for c in counts],
                       **{f"pass@{k}": [1 - math.comb(8 - c, k) / math.comb(8, k) for c in counts] for k in (2, 4, 8)},
                       "maj@8": [i["values"]["maj@8"] for i in items]}.items():
    mean, error = np.mean(values), np.std(values, ddof=1) / math.sqrt(len(values))
    own = result["metrics"][metric]
    difference = max(abs(mean - own["value"]), abs(error - own["standardError"]))
    if error > 0:
        low, high = scipy.stats.t.interval(0.95, len(values) - 1, mean, error)
        difference = max(difference, abs(low - own["low"]), abs(high - own["high"]))
    check(f"{metric}_largest_difference_to_plain_python", difference, difference < 1e-9)
out["sampled_counts"] = counts
out["faults"] = faults
print(json.dumps(out, indent=1))
sys.exit(1 if faults else 0)
