"""Concurrent streams of psft serve against transformers' generate, called one by one, and llama.cpp's server if there is one.

    pip install torch transformers
    python serving.py --model DIR --psft psft-examples/target/psft/bin/psft [--llama-server BIN --gguf FILE]

All in turns on the same cores; prints medians over the rounds, their ratios, and the medians and worst of the time to the
first token. A peer that is not measured is left out. The streams take a little of the processor themselves, from both servers.

--rate R measures the time to the first token under load instead: requests come at random times, R a second on average, each
for --new-tokens. --only psft leaves out the peers."""
import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

os.environ["HF_HUB_OFFLINE"] = "1"
signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # the servers end, too
p = argparse.ArgumentParser()
p.add_argument("--model", required=True)
p.add_argument("--psft", required=True)
p.add_argument("--precision", default="bf16", choices=["bf16", "f32"])
p.add_argument("--llama-server")
p.add_argument("--gguf")
p.add_argument("--streams", type=int, default=16)
p.add_argument("--new-tokens", type=int, default=128)
p.add_argument("--one-by-one", type=int, default=4, help="prompts of transformers; its speed does not depend on their number")
p.add_argument("--rounds", type=int, default=3)
p.add_argument("--threads", type=int, default=2)
p.add_argument("--rate", type=float, help="requests a second, at random times")
p.add_argument("--requests", type=int, default=300, help="with --rate")
p.add_argument("--only", choices=["psft", "servers"], help="psft serve alone, or without transformers")
a = p.parse_args()

SUBJECTS = ["the sea", "a small town", "the history of bread", "trains", "a lost dog", "mountains in winter", "the first computer",
            "an old garden", "bees", "the colour blue", "a long journey", "music", "the moon", "a kitchen", "rivers", "a good friend"]
prompts = [f"Here is a short text about {SUBJECTS[i % 16]}, written for children who like to read" + " and to learn" * (i % 5) + "." for i in range(a.streams)]


def stream(port, prompt, out):
    start = time.perf_counter()
    body = json.dumps({"prompt": prompt, "max_tokens": a.new_tokens, "temperature": 0, "ignore_eos": True, "stream": True})
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=1200)
    c.request("POST", "/v1/completions", body, {"Content-Type": "application/json"})
    r = c.getresponse()
    assert r.status == 200, r.read()
    first = None
    for line in r:
        if line.startswith(b"data: ") and first is None:
            first = time.perf_counter() - start
    out.append(first)


def served(port):
    """Tokens/s of all streams together, and their times to the first token."""
    firsts = []
    threads = [threading.Thread(target=stream, args=(port, prompt, firsts)) for prompt in prompts]
    start = time.perf_counter()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(firsts) == a.streams
    return a.streams * a.new_tokens / (time.perf_counter() - start), firsts


def load(port):
    """Tokens/s that were asked for, and the times to the first token, of requests that come by a Poisson process."""
    firsts, threads, rnd = [], [], random.Random(1)
    start = due = time.perf_counter()
    for i in range(a.requests):
        due += rnd.expovariate(a.rate)
        time.sleep(max(0.0, due - time.perf_counter()))
        threads.append(threading.Thread(target=stream, args=(port, prompts[i % len(prompts)], firsts)))
        threads[-1].start()
    for t in threads:
        t.join()
    assert len(firsts) == a.requests
    return a.requests * a.new_tokens / (time.perf_counter() - start), firsts


def wait(port, process):
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            c.request("GET", "/health")
            if c.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit("the server does not answer")


def transformers_one_by_one():
    import torch
    import transformers
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(a.threads)
    tokenizer = transformers.AutoTokenizer.from_pretrained(a.model)
    model = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.bfloat16 if a.precision == "bf16" else torch.float32).eval()
    inputs = [tokenizer(x, return_tensors="pt") for x in prompts[: a.one_by_one]]

    def run():
        start = time.perf_counter()
        for x in inputs:
            model.generate(**x, max_new_tokens=a.new_tokens, min_new_tokens=a.new_tokens, do_sample=False, pad_token_id=0)
        return len(inputs) * a.new_tokens / (time.perf_counter() - start), []
    return run


servers, runs = [], {}
try:
    port = 8931
    servers.append(subprocess.Popen([a.psft, "serve", "--model", a.model, "--precision", a.precision, "--port", str(port), "--slots", str(a.streams),
                                     "--context", "1024", "--threads", str(a.threads)], stdout=subprocess.DEVNULL))
    wait(port, servers[-1])
    runs["psft serve"] = lambda: served(8931)
    if not a.only and not a.rate:
        runs["transformers, one by one"] = transformers_one_by_one()
    if a.llama_server and a.only != "psft":
        servers.append(subprocess.Popen([a.llama_server, "-m", a.gguf, "--port", "8932", "-np", str(a.streams), "-c", str(1024 * a.streams), "-t", str(a.threads),
                                         "-tb", str(a.threads), "--no-webui"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait(8932, servers[-1])
        runs["llama.cpp's server"] = lambda: served(8932)
    if a.rate:
        for name, port in (("psft serve", 8931), ("llama.cpp's server", 8932)):
            if name in runs:
                served(port)  # warms up
                speed, times = load(port)
                cut = statistics.quantiles(times, n=100, method="inclusive")
                print(f"{name}: {a.requests} requests for {a.new_tokens} tokens, {a.rate:g} a second at random, {speed:.0f} tokens/s: first token "
                      f"p50 {cut[49]:.3f} s, p90 {cut[89]:.3f} s, p99 {cut[98]:.3f} s, worst {max(times):.3f} s", flush=True)
        raise SystemExit
    speeds, firsts = {k: [] for k in runs}, {k: [] for k in runs}
    for r in range(-1, a.rounds):  # the first round warms up
        for name, run in runs.items():
            speed, first = run()
            if r >= 0:
                speeds[name].append(speed)
                firsts[name] += first
finally:
    for s in servers:
        s.terminate()
    for s in servers:
        s.wait()
ours = statistics.median(speeds["psft serve"])
print(f"{a.streams} streams of {a.new_tokens} tokens, {a.precision}, {a.threads} threads, {a.rounds} rounds in turns")
for name, all_ in speeds.items():
    line = f"{name:26s} {statistics.median(all_):8.1f} tokens/s"
    if name != "psft serve":
        line += f"   psft serve is {ours / statistics.median(all_):.2f}x"
    if firsts[name]:
        line += f"   first token: median {statistics.median(firsts[name]):.2f} s, worst {max(firsts[name]):.2f} s"
    print(line)
