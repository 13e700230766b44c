#!/usr/bin/env bash
# transformers 5.24.0: from_pretrained(gguf_file=...) forgets the RoPE scaling of the file, and saves the model without.
#
# Guessed: a GGUF file opens as the model that was converted, or a form that is not supported is refused.
# Seen:    llama3 scaling (the tensor rope_freqs.weight, as in files of Llama 3.1), linear and YaRN scaling (the keys
#   rope.scaling.*) are dropped without a word, and config.json of save_pretrained says rope_type default. The weights
#   are equal to the last bit, so the error is easily taken for that of quantisation: log-probs of tiny random models
#   move by 0.5 to 0.7 nats. A file without a scaling opens exactly. Way out: copy rope_parameters of the original
#   config.json. (GgufConfig(dequantize=True) is there because save_pretrained raises an error without it.)
# Source:  PyPI transformers 5.24.0, gguf 0.19.0, torch 2.13.0, CPU; Python 3.11, linux-x86_64. The files are written
#   by gguf's writer, with its names of tensors and keys.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv v
v/bin/pip install -q --disable-pip-version-check transformers==5.24.0 torch==2.13.0 gguf==0.19.0 accelerate==1.15.0
cat > check.py <<'P'
import math
import gguf
import numpy
import torch
from transformers import (
    AutoModelForCausalLM, GgufConfig, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM)

torch.set_num_threads(1)
torch.manual_seed(0)
shape = {"vocab_size": 64, "hidden_size": 128, "intermediate_size": 96, "num_hidden_layers": 2,
         "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 4096,
         "bos_token_id": 0, "eos_token_id": 1}
short = {"rope_theta": 5e5, "original_max_position_embeddings": 1024}
cases = {
    "none": (LlamaConfig, LlamaForCausalLM, {"rope_type": "default", "rope_theta": 5e5}),
    "llama3": (LlamaConfig, LlamaForCausalLM, {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, **short}),
    "linear": (LlamaConfig, LlamaForCausalLM, {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0}),
    "yarn": (Qwen2Config, Qwen2ForCausalLM, {"rope_type": "yarn", "factor": 4.0, **short}),
}


def llama3_factors(rope, size):
    """What llama.cpp keeps of this scaling: by how much each frequency is divided."""
    low, high, old = (rope[k] for k in ("low_freq_factor", "high_freq_factor", "original_max_position_embeddings"))
    factors = []
    for i in range(0, size, 2):
        turns = old * rope["rope_theta"] ** (-i / size) / (2 * math.pi)
        smooth = min(1, max(0, (turns - low) / (high - low)))
        factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return numpy.array(factors, dtype=numpy.float32)


def halves_to_pairs(weight, heads):
    """Llama's rows in the order of llama.cpp."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def write(model, path):
    config, rope = model.config, model.config.rope_parameters
    size = config.hidden_size // config.num_attention_heads
    file = gguf.GGUFWriter(path, config.model_type)
    file.add_context_length(config.max_position_embeddings)
    file.add_embedding_length(config.hidden_size)
    file.add_block_count(config.num_hidden_layers)
    file.add_feed_forward_length(config.intermediate_size)
    file.add_head_count(config.num_attention_heads)
    file.add_head_count_kv(config.num_key_value_heads)
    file.add_rope_dimension_count(size)
    file.add_rope_freq_base(rope["rope_theta"])
    file.add_layer_norm_rms_eps(config.rms_norm_eps)
    file.add_vocab_size(config.vocab_size)
    if rope["rope_type"] in ("linear", "yarn"):
        file.add_rope_scaling_type(gguf.RopeScalingType(rope["rope_type"]))
        file.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        file.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope["rope_type"] == "llama3":
        file.add_tensor("rope_freqs.weight", llama3_factors(rope, size))
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("llama-bpe")
    file.add_token_list([chr(33 + i) for i in range(config.vocab_size - 1)] + ["AB"])
    file.add_token_merges(["A B"])
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[config.model_type.upper()], config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        if config.model_type == "llama" and "q_proj" in name:
            tensor = halves_to_pairs(tensor, config.num_attention_heads)
        if config.model_type == "llama" and "k_proj" in name:
            tensor = halves_to_pairs(tensor, config.num_key_value_heads)
        file.add_tensor(names.get_name(name, (".weight", ".bias")), tensor.numpy())
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


ids = torch.randint(0, 64, (1, 1500))


def log_probs(model):
    with torch.no_grad():
        return model.eval()(ids).logits.log_softmax(-1).gather(-1, ids[..., None])[0, :, 0]


seen = {}
for name, (config, kind, rope) in cases.items():
    model = kind(config(**shape, rope_parameters=rope))
    for p in model.parameters():
        p.data = p.data * 5 if p.dim() == 2 else p.data
    write(model, "model.gguf")
    opened = AutoModelForCausalLM.from_pretrained(
        ".", gguf_file="model.gguf", dtype=torch.float32, quantization_config=GgufConfig(dequantize=True))
    weights = dict(opened.named_parameters())
    assert all(torch.equal(p, weights[n]) for n, p in model.named_parameters())
    error = (log_probs(model) - log_probs(opened)).abs().mean().item()
    opened.save_pretrained("saved")
    saved = config.from_pretrained("saved").rope_parameters["rope_type"]
    print("%-7s saved as %s, weights equal, log-probs differ by %.3f nats on average" % (name, saved, error))
    seen[name] = (saved, error)
assert all(saved == "default" for saved, _ in seen.values()), seen
assert seen["none"][1] < 1e-5 and all(seen[name][1] > 0.2 for name in ("llama3", "linear", "yarn")), seen
P
v/bin/python check.py 2> log || { cat log; exit 1; }
