"""psft eval beside its peers on the same items: transformers (log-likelihoods), lm-eval (accuracies, perplexities, generated
answers), lm-eval through psft serve, and plain Python (avg@k, pass@k, standard errors, intervals). Prints one JSON object;
exits 1 where they differ.

    pip install torch transformers "lm-eval[api]" datasets scipy
    evaluation.py --model SmolLM2-135M-Instruct --gsm8k gsm8k [--items 200] [--psft psft] [--only transformers,plain]

--only names peers: transformers, hf (lm-eval with transformers), served (lm-eval through psft serve), plain. With --work a
directory is kept, and what psft has evaluated there is not repeated."""
import argparse
import copy
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.request

p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--gsm8k", required=True, help="directory with train.jsonl and test.jsonl of GSM8K: the items are made of them")
p.add_argument("--items", type=int, default=200)
p.add_argument("--texts", type=int, default=40)
p.add_argument("--generated", type=int, default=40)
p.add_argument("--served", type=int, default=24, help="questions of GSM8K with five examples, through psft serve")
p.add_argument("--only", default="transformers,hf,served,plain")
p.add_argument("--port", type=int, default=8973)
p.add_argument("--psft", default="psft", help="the command; several words are split")
p.add_argument("--work", help="directory to keep; an evaluation that is there is not repeated")
a = p.parse_args()
work = pathlib.Path(a.work or tempfile.mkdtemp()).resolve()
work.mkdir(parents=True, exist_ok=True)
os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_CACHE=str(work / "cache"))
gsm8k, peers = pathlib.Path(a.gsm8k).resolve(), a.only.split(",")
rows = [json.loads(line) for line in open(gsm8k / "test.jsonl", encoding="utf-8")]
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


def psft(task, data, *answers):
    """Our items and figures."""
    home = work / "psft" / pathlib.Path(task).stem
    if not (home / "result.json").exists():
        subprocess.run([*a.psft.split(), "eval", "--task", str(task), "--data", str(data), *(answers or ("--model", a.model)),
                        "--quiet", "--out", str(work / "psft")], check=True, stdout=subprocess.DEVNULL)
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
    task = {"task": name, "dataset_path": "json", "test_split": "test",
            "dataset_kwargs": {"data_files": {"test": str(data)}}, **fields}
    (tasks / f"{name}.yaml").write_text(json.dumps(task), encoding="utf-8")  # JSON is YAML


lm_eval_task("peer_choice", choice_file, output_type="multiple_choice", doc_to_text="Question: {{question}}\nAnswer:",
             doc_to_choice="choices", doc_to_target="answer",
             metric_list=[{"metric": m, "aggregation": "mean", "higher_is_better": True}
                          for m in ("acc", "acc_norm", "acc_bytes")])
lm_eval_task("peer_perplexity", text_file, output_type="loglikelihood_rolling", doc_to_text="", doc_to_target="text",
             metric_list=[{"metric": m} for m in ("word_perplexity", "byte_perplexity", "bits_per_byte")])
few_shot_file = write("few-shot.jsonl", rows[:a.served])
NUMBER = r"-?[0-9][0-9,]*"
lm_eval_task("peer_gsm8k", few_shot_file, dataset_kwargs={"data_files": {"train": str(gsm8k / "train.jsonl"), "test": str(few_shot_file)}},
             output_type="generate_until", training_split="train", fewshot_split="train", num_fewshot=5,
             fewshot_config={"sampler": "first_n"}, doc_to_text="Question: {{question}}\nAnswer:", doc_to_target="{{answer}}",
             generation_kwargs={"until": ["Question:"], "do_sample": False, "temperature": 0.0, "max_gen_toks": 96},
             filter_list=[{"name": "last", "filter": [{"function": "regex", "regex_pattern": f"({NUMBER})", "group_select": -1},
                                                      {"function": "take_first"}]}],
             metric_list=[{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True,
                           "regexes_to_ignore": [r"(?s).*#### "]}])
lm_eval_task("peer_generate", generate_file, output_type="generate_until", doc_to_text="Question: {{question}}\nAnswer:",
             doc_to_target="{{answer.split('####')[1].strip()}}",
             generation_kwargs={"until": ["Question:"], "do_sample": False, "max_gen_toks": 96},
             filter_list=[{"name": "last", "filter": [{"function": "regex", "regex_pattern": f"({NUMBER})", "group_select": -1}, {"function": "take_first"}]}],
             metric_list=[{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}])

ours = {
    "choice": {"task": {"kind": "choice"}, "prompt": {"template": "Question: {{question}}\nAnswer:"}},
    "perplexity": {"task": {"kind": "perplexity"}, "prompt": {"template": "{{text}}"}},
    "generate": {"task": {"kind": "generate"}, "prompt": {"form": "text", "template": "Question: {{question}}\nAnswer:"},
                 "generation": {"max_tokens": 96, "stop": ["Question:"]},
                 "judge": {"by": "regex", "pattern": NUMBER, "gold": "gold"}},
    "gsm8k": {"task": {"kind": "generate"},
              "prompt": {"form": "text", "template": "Question: {{question}}\nAnswer:", "answer": " {{answer}}", "few_shot": 5,
                         "few_shot_data": [str(gsm8k / "train.jsonl")]},
              "generation": {"max_tokens": 96, "stop": ["Question:"]},
              "judge": {"by": "regex", "pattern": NUMBER, "gold": "gold"}},
    "sampled": {"task": {"kind": "generate", "seed": 7}, "prompt": {"form": "text",
                                                                   "template": "Question: {{question}}\nAnswer:"},
                "generation": {"max_tokens": 48, "samples": 8, "temperature": 0.9, "top_p": 0.95, "stop": ["\n"]}},
}
ours["clustered"] = {**ours["sampled"], "task": {**ours["sampled"]["task"], "cluster": "group"}}
for name, task in ours.items():
    (work / f"{name}.yaml").write_text(json.dumps(task), encoding="utf-8")
gold_file = write("gold.jsonl", [{**r, "gold": r["answer"].split("####")[1].strip()} for r in rows[:a.generated]])
grouped_file = write("grouped.jsonl", [{**r, "group": f"text {i // 4}"} for i, r in enumerate(rows[:a.generated])])
gold_few = write("gold-few.jsonl", [{**r, "gold": r["answer"].split("####")[1].strip()} for r in rows[:a.served]])
data = {"choice": (choice_file, "transformers hf served"), "perplexity": (text_file, "hf"), "generate": (gold_file, "hf"),
        "gsm8k": (gold_few, "served"), "sampled": (gold_file, "plain")}
mine = {name: psft(work / f"{name}.yaml", file) for name, (file, used) in data.items() if set(used.split()) & set(peers)}
if "plain" in peers:  # the same answers, four questions a cluster
    mine["clustered"] = psft(work / "clustered.yaml", grouped_file, "--completions", str(work / "psft/sampled/items.jsonl"))

import numpy as np  # after ours: two programs of many threads at a time would only wait for each other
import scipy.stats


def transformers_choices():
    """One choice at a time."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32).eval()
    worst, right, same = 0.0, 0, 0
    items, result = mine["choice"]
    with torch.no_grad():
        for item, row in zip(items, choices):
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
            own = [c["logLikelihood"] for c in item["choices"]]
            same += int(np.argmax(sums) == np.argmax(own))
            worst = max(worst, *(abs(s - o) for s, o in zip(sums, own)))
    check("choice_items", len(choices), len(items) == len(choices))
    check("choice_largest_difference_to_transformers_nats", worst, worst < 1e-4)
    check("choice_items_with_the_same_pick", same, same == len(choices))
    check("choice_acc_transformers_and_psft", [right / len(choices), result["metrics"]["acc"]["value"]],
          abs(right / len(choices) - result["metrics"]["acc"]["value"]) < 1e-12)


def lm_eval(model, model_args, tasks_, **more):
    import lm_eval
    from lm_eval.tasks import TaskManager
    out["lm_eval"] = lm_eval.__version__
    return lm_eval.simple_evaluate(model=model, model_args=model_args, tasks=tasks_, bootstrap_iters=0,
                                   task_manager=TaskManager(include_path=str(tasks), include_defaults=False), **more)


def check_choices(peer, suffix):
    for metric in ("acc", "acc_norm", "acc_bytes"):
        theirs, own = peer["results"]["peer_choice"][f"{metric},none"], mine["choice"][1]["metrics"][metric]["value"]
        check(f"{metric}_lm_eval{suffix}_and_psft", [theirs, own], abs(theirs - own) < 1e-12)


def check_generated(peer, task, name, suffix):
    items, result = mine[name]
    samples = sorted(peer["samples"][task], key=lambda s: s["doc_id"])
    same = sum(s["resps"][0][0] == i["samples"][0]["completion"] for s, i in zip(samples, items))
    check(f"{name}{suffix}_equal_texts", f"{same} of {len(samples)}", same == len(samples) == len(items))
    theirs, own = peer["results"][task]["exact_match,last"], result["metrics"]["avg@1"]["value"]
    check(f"{name}{suffix}_exact_match_lm_eval_and_psft", [theirs, own], abs(theirs - own) < 1e-12)


def lm_eval_hf():
    peer = lm_eval("hf", {"pretrained": a.model, "dtype": "float32"}, ["peer_choice", "peer_perplexity", "peer_generate"],
                   device="cpu", batch_size=8)
    check_choices(peer, "")
    for metric in ("word_perplexity", "byte_perplexity", "bits_per_byte"):
        theirs, own = peer["results"]["peer_perplexity"][f"{metric},none"], mine["perplexity"][1]["metrics"][metric]["value"]
        check(f"{metric}_lm_eval_and_psft", [theirs, own], abs(theirs / own - 1) < 1e-5)
    check_generated(peer, "peer_generate", "generate", "")


def lm_eval_served():
    server = subprocess.Popen([*a.psft.split(), "serve", "--model", a.model, "--port", str(a.port)], stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{a.port}"
        for _ in range(240):
            try:
                if server.poll() is not None:
                    raise SystemExit(f"psft serve ended with {server.returncode}")
                urllib.request.urlopen(url + "/health", timeout=5)
                break
            except OSError:
                time.sleep(0.5)
        name = json.load(urllib.request.urlopen(url + "/v1/models"))["data"][0]["id"]
        peer = lm_eval("local-completions", {"model": name, "base_url": url + "/v1/completions", "tokenizer": a.model,
                                             "num_concurrent": 8, "max_retries": 1}, ["peer_choice", "peer_gsm8k"])
    finally:
        server.terminate()
        server.wait()
    check_choices(peer, "_served")
    check_generated(peer, "peer_gsm8k", "gsm8k", "_served")


def interval(mean, error, n, single=False):
    """95 % of a share over n units: Wilson's for single answers; else with the effective number of answers and Student's t."""
    if single:
        return scipy.stats.binomtest(round(mean * n), n).proportion_ci(method="wilson")
    q, r = scipy.stats.t.ppf(0.975, n - 1), (n * mean + 1) / (n + 2)
    variance = ((n - 1) * n * error ** 2 + 2 * r * (1 - r)) / (n + 1)
    m = n * n * mean * (1 - mean) / (n - 1) / variance if 0 < mean < 1 else n
    middle, width = mean + q * q / (2 * m), q * math.sqrt(mean * (1 - mean) / m + q * q / (4 * m * m))
    return (middle - width) / (1 + q * q / m), (middle + width) / (1 + q * q / m)


def plain():
    """Python on the item file."""
    items, result = mine["sampled"]
    counts = [sum(s["verdict"] == "equal" for s in i["samples"]) for i in items]
    for metric, values in {"avg@8": [c / 8 for c in counts],
                           **{f"pass@{k}": [1 - math.comb(8 - c, k) / math.comb(8, k) for c in counts] for k in (2, 4, 8)},
                           "maj@8": [i["values"]["maj@8"] for i in items]}.items():
        mean, error = np.mean(values), np.std(values, ddof=1) / math.sqrt(len(values))
        own, (low, high) = result["metrics"][metric], interval(mean, error, len(values), set(values) <= {0, 1})
        difference = max(abs(x - own[k]) for k, x in
                         {"value": mean, "standardError": error, "low": low, "high": high}.items())
        check(f"{metric}_largest_difference_to_plain_python", difference, difference < 1e-9)
    out["sampled_counts"] = counts
    values, own = np.array(counts) / 8, mine["clustered"][1]["metrics"]["avg@8"]
    groups = [range(i, min(i + 4, len(values))) for i in range(0, len(values), 4)]
    n, mean = len(groups), values.mean()
    error = math.sqrt(n / (n - 1) * sum((values[g].sum() - len(g) * mean) ** 2 for g in groups)) / len(values)
    low, high = interval(mean, error, n)
    plain_ = {"value": mean, "standardError": error, "low": low, "high": high}
    difference = max(abs(x - own[k]) for k, x in plain_.items())
    check("clustered_avg@8_largest_difference_to_plain_python", difference, difference < 1e-9)


for peer, run in {"transformers": transformers_choices, "hf": lm_eval_hf, "served": lm_eval_served, "plain": plain}.items():
    if peer in peers:
        run()
out["faults"] = faults
print(json.dumps(out, indent=1))
sys.exit(1 if faults else 0)
