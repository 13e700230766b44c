"""Generation by llama.cpp through llama-cpp-python, with its defaults: tokens of one sequence, of several in one batch, or
of a prompt. Needs a GGUF file, as convert_hf_to_gguf.py of llama.cpp writes it."""
import argparse
import json
import resource
import statistics
import time

import llama_cpp

p = argparse.ArgumentParser()
p.add_argument("--gguf", required=True)
p.add_argument("--batch", type=int, default=1)
p.add_argument("--length", type=int, default=1, help="tokens of the prompt; counted alone with --new-tokens 1")
p.add_argument("--new-tokens", type=int, default=64)
p.add_argument("--repeats", type=int, default=3)
p.add_argument("--threads", type=int, default=1)
a = p.parse_args()

llama_cpp.llama_backend_init()
quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
llama_cpp.llama_log_set(quiet, None)
model = llama_cpp.llama_model_load_from_file(a.gguf.encode(), llama_cpp.llama_model_default_params())
if not model:
    raise SystemExit(f"llama.cpp cannot load {a.gguf}")
vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
settings = llama_cpp.llama_context_default_params()
settings.n_ctx = a.batch * (a.length + a.new_tokens)
settings.n_seq_max = a.batch
settings.n_batch = max(2048, a.batch * a.length)
settings.n_threads = settings.n_threads_batch = a.threads
context = llama_cpp.llama_init_from_model(model, settings)
batch = llama_cpp.llama_batch_init(max(a.batch * a.length, a.batch), 0, 1)


def add(token, position, sequence, wanted):
    i = batch.n_tokens
    batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, position, 1, wanted
    batch.seq_id[i][0] = sequence
    batch.n_tokens += 1


def pass_over():
    if llama_cpp.llama_decode(context, batch) != 0:
        raise SystemExit("llama_decode failed")


greedy = llama_cpp.llama_sampler_init_greedy()


def milliseconds():
    """Wall and processor time of one generation."""
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    start, used = time.perf_counter(), time.process_time()
    batch.n_tokens = 0
    rows = []
    for sequence in range(a.batch):
        for position in range(a.length):
            add(1 + (position * 31 + sequence) % (vocabulary - 1), position, sequence, position == a.length - 1)
        rows.append(batch.n_tokens - 1)
    pass_over()
    tokens = [llama_cpp.llama_sampler_sample(greedy, context, row) for row in rows]
    for step in range(a.new_tokens - 1):
        batch.n_tokens = 0
        for sequence, token in enumerate(tokens):
            add(token, a.length + step, sequence, True)
        pass_over()
        tokens = [llama_cpp.llama_sampler_sample(greedy, context, row) for row in range(a.batch)]
    return (time.perf_counter() - start) * 1e3, (time.process_time() - used) * 1e3


milliseconds()
times = [milliseconds() for _ in range(a.repeats)]
cost = statistics.median(wall for wall, _ in times)
tokens = a.batch * (a.length if a.new_tokens == 1 else a.new_tokens)
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"tokens_per_second": tokens / cost * 1e3, "cost_ms": cost,
                  "processor_ms": statistics.median(used for _, used in times), "peak_rss_mb": rss}))
