"""What the openai package and lm-eval get from psft serve, checked.

    pip install openai "lm-eval[api]" transformers
    psft serve --model DIR --port 8000 &
    python clients.py --model DIR --url http://127.0.0.1:8000/v1 [--api-key KEY] [--only openai|choices|generation]

--model is the directory that is served: its tokenizer is compared, and transformers scores the same texts. Exit code 1: a
check failed."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
import openai
import torch
import transformers

p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--url", default="http://127.0.0.1:8000/v1")
p.add_argument("--api-key", default="none")
p.add_argument("--only", choices=["openai", "choices", "generation"])
a = p.parse_args()
client = openai.OpenAI(base_url=a.url, api_key=a.api_key, max_retries=0)
failed = []


def check(what, ok, detail=""):
    print(("ok      " if ok else "FAILED  ") + what + (f": {detail}" if detail else ""))
    if not ok:
        failed.append(what)


name = client.models.list().data[0].id
check("models", client.models.retrieve(name).id == name, name)
tokenizer = transformers.AutoTokenizer.from_pretrained(a.model)
model = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32).eval()


def greedy(ids, n):
    with torch.no_grad():
        out = model.generate(torch.tensor([ids]), max_new_tokens=n, do_sample=False, pad_token_id=0)
    return tokenizer.decode(out[0][len(ids):], skip_special_tokens=True)


def openai_package():
    # Completions
    prompt = "Once upon a time"
    ids = tokenizer(prompt).input_ids
    c = client.completions.create(model=name, prompt=prompt, max_tokens=24, temperature=0)
    check("completion = transformers, greedy", c.choices[0].text.strip() == greedy(ids, 24).strip(), repr(c.choices[0].text))
    check("usage", c.usage.prompt_tokens == len(ids) and c.usage.completion_tokens <= 24, str(c.usage.total_tokens))
    parts = list(client.completions.create(model=name, prompt=prompt, max_tokens=24, temperature=0, stream=True,
                                           stream_options={"include_usage": True}))
    check("stream of a completion", "".join(x.choices[0].text for x in parts if x.choices) == c.choices[0].text)
    check("usage of a stream", parts[-1].usage.total_tokens == c.usage.total_tokens)
    c = client.completions.create(model=name, prompt=["One day", "The dog"], n=3, max_tokens=8, temperature=1, seed=7)
    d = client.completions.create(model=name, prompt=["One day", "The dog"], n=3, max_tokens=8, temperature=1, seed=7)
    check("n, prompts and seed", len(c.choices) == 6 and [x.text for x in c.choices] == [x.text for x in d.choices])
    c = client.completions.create(model=name, prompt=prompt, max_tokens=40, temperature=0, stop=["."])
    check("stop", "." not in c.choices[0].text, c.choices[0].finish_reason)

    # Log-probs of a prompt against transformers
    text = "Once upon a time there was a little girl. She loved to play with her dog in the park."
    ids = tokenizer(text).input_ids
    with torch.no_grad():
        expected = torch.log_softmax(model(torch.tensor([ids])).logits[0, :-1].float(), -1)
    c = client.completions.create(model=name, prompt=text, max_tokens=0, echo=True, logprobs=5)
    got = c.choices[0].logprobs
    worst = max(abs(got.token_logprobs[t] - expected[t - 1, ids[t]].item()) for t in range(1, len(ids)))
    check("echo: log-probs of the prompt", got.token_logprobs[0] is None and worst < 2e-4, f"largest difference {worst:.1e}")
    check("echo: text", c.choices[0].text == text)

    # Chat
    if tokenizer.chat_template:
        messages = [{"role": "user", "content": "Name a colour."}]
        rendered = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
        c = client.chat.completions.create(model=name, messages=messages, max_tokens=24, temperature=0, logprobs=True, top_logprobs=3)
        check("chat = transformers, greedy", c.choices[0].message.content.strip() == greedy(rendered, 24).strip(), repr(c.choices[0].message.content))
        check("chat: tokens of the prompt", c.usage.prompt_tokens == len(rendered))
        content = c.choices[0].logprobs.content
        check("chat: log-probs", len(content) == c.usage.completion_tokens
              and all(x.logprob == x.top_logprobs[0].logprob and len(x.top_logprobs) == 3 for x in content))
        parts = client.chat.completions.create(model=name, messages=messages, max_tokens=24, temperature=0, stream=True)
        check("stream of a chat", "".join(x.choices[0].delta.content or "" for x in parts) == c.choices[0].message.content)
        try:
            client.chat.completions.create(model=name, messages=messages, tools=[{"type": "function", "function": {"name": "f"}}])
            check("tools are refused by name", False)
        except openai.BadRequestError as e:
            check("tools are refused by name", e.param == "tools", e.message[:80])
    try:
        client.completions.create(model="another", prompt="a")
        check("another model", False)
    except openai.NotFoundError as e:
        check("another model", e.code == "model_not_found")


# lm-eval: a task of our own, multiple choice by log-likelihood and a generation, on both endpoints
def lm_eval():
    with tempfile.TemporaryDirectory() as tmp:
        animals = ["dog", "cat", "bird", "fish", "bear", "frog", "duck", "horse", "mouse", "rabbit"]
        with open(f"{tmp}/rows.jsonl", "w") as f:
            for i in range(40):
                x, y = animals[i % 10], animals[(3 * i + 1) % 10]
                f.write(json.dumps({"q": f"Once there was a {x}. The name of the {x} was Tom. Tom was a", "choices": [x, y if y != x else "tree"], "gold": int(i % 3 == 0)}) + "\n")
        common = f"dataset_path: json\ndataset_kwargs:\n  data_files:\n    test: {tmp}/rows.jsonl\ntest_split: test\ndoc_to_text: '{{{{q}}}}'\n"
        with open(f"{tmp}/choice.yaml", "w") as f:
            f.write("task: psft_choice\noutput_type: multiple_choice\n" + common + "doc_to_choice: '{{choices}}'\ndoc_to_target: '{{gold}}'\n"
                    "metric_list:\n  - metric: acc\n  - metric: acc_norm\n")
        with open(f"{tmp}/generate.yaml", "w") as f:
            f.write("task: psft_generate\noutput_type: generate_until\n" + common + "doc_to_target: '{{choices[0]}}'\n"
                    "generation_kwargs:\n  until: ['.']\n  max_gen_toks: 8\n  temperature: 0\nmetric_list:\n  - metric: exact_match\n")

        def evaluate(model_type, model_args, task, *more):
            out = tempfile.mkdtemp(dir=tmp)
            command = [sys.executable, "-m", "lm_eval", "--model", model_type, "--model_args", model_args, "--tasks", task,
                       "--include_path", tmp, "--output_path", out, "--log_samples", *more]
            done = subprocess.run(command, env={**os.environ, "OPENAI_API_KEY": a.api_key}, capture_output=True, text=True)
            if done.returncode:
                print(done.stderr[-3000:])
                return None, None
            files = [os.path.join(r, f) for r, _, fs in os.walk(out) for f in fs]
            results = json.load(open(next(f for f in files if "results_" in f)))["results"][task]
            rows = [json.loads(line) for line in open(next(f for f in files if "samples_" in f))]
            return results, sorted(rows, key=lambda r: r["doc_id"])

        served = f"model={name},base_url={a.url}/completions,tokenizer={a.model},num_concurrent=4,max_retries=1"
        local = f"pretrained={a.model},dtype=float32"
        if a.only != "generation":
            ours, our_rows = evaluate("local-completions", served, "psft_choice")
            theirs, their_rows = evaluate("hf", local, "psft_choice", "--device", "cpu", "--batch_size", "1")
            if ours and theirs:
                same = all(ours[k] == theirs[k] for k in ("acc,none", "acc_norm,none"))
                worst = max(abs(float(x[0][0]) - float(y[0][0])) for r, s in zip(our_rows, their_rows) for x, y in zip(r["resps"], s["resps"]))
                flags = all(x[0][1] == y[0][1] for r, s in zip(our_rows, their_rows) for x, y in zip(r["resps"], s["resps"]))
                check("lm-eval local-completions = hf, multiple choice", same and flags and worst < 2e-3,
                      f"acc {ours['acc,none']}, acc_norm {ours['acc_norm,none']}, largest difference of a log-likelihood {worst:.1e}")
            else:
                check("lm-eval local-completions = hf, multiple choice", False)
        if a.only == "choices":
            return
        ours, our_rows = evaluate("local-completions", served, "psft_generate", "--limit", "12")
        theirs, their_rows = evaluate("hf", local, "psft_generate", "--limit", "12", "--device", "cpu", "--batch_size", "1")
        equal = ours and theirs and sum(r["resps"] == s["resps"] for r, s in zip(our_rows, their_rows))
        check("lm-eval local-completions = hf, generation", bool(equal) and equal == len(our_rows), f"{equal} of {our_rows and len(our_rows)} texts equal")
        if tokenizer.chat_template:
            chat = f"model={name},base_url={a.url}/chat/completions,num_concurrent=4,max_retries=1"
            ours, our_rows = evaluate("local-chat-completions", chat, "psft_generate", "--limit", "12", "--apply_chat_template")
            theirs, their_rows = evaluate("hf", local, "psft_generate", "--limit", "12", "--device", "cpu", "--batch_size", "1", "--apply_chat_template")
            equal = ours and theirs and sum(r["resps"] == s["resps"] for r, s in zip(our_rows, their_rows))
            check("lm-eval local-chat-completions = hf", bool(equal) and equal == len(our_rows), f"{equal} of {our_rows and len(our_rows)} texts equal")


if a.only in (None, "openai"):
    openai_package()
if a.only != "openai":
    lm_eval()
print(f"{len(failed)} failed")
sys.exit(bool(failed))
