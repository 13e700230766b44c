package io.github.psft4j.hf.config;

import java.util.Set;

/**
 * Fields of {@code config.json} that can change what a model computes and that no family here supports. A field outside
 * this list that no family reads has no effect: the model classes of transformers 5.24 read a fixed set of fields.
 */
final class ArithmeticFields {

    private static final Set<String> NAMES = Set.of(
            // read by code that all models of transformers share: which keys a query sees, caches, layers, tensors,
            // classes
            "is_encoder_decoder",
            "add_cross_attention",
            "sliding_window",
            "use_sliding_window",
            "layer_types",
            "attention_chunk_size",
            "use_bidirectional_attention",
            "kv_sharing_modes",
            "num_kv_shared_layers",
            "per_layer_config",
            "quantization_config",
            "compression_config",
            "fusion_config",
            "transformers_weights",
            "auto_map",
            "rope_theta",
            "rope_scaling",
            "rope_parameters",
            "partial_rotary_factor",
            "pruned_heads",
            "cross_attention_hidden_size",
            // of one family here, in the file of another: the file describes neither
            "intermediate_size",
            "hidden_act",
            "rms_norm_eps",
            "num_key_value_heads",
            "head_dim",
            // of architectures that are close to those here; their weights also fit here and would compute something
            // else
            "attn_logit_softcapping",
            "final_logit_softcapping",
            "attention_multiplier",
            "embedding_multiplier",
            "residual_multiplier",
            "logits_scaling",
            "logit_scale",
            "scale_emb",
            "scale_depth",
            "dim_model_base",
            "query_pre_attn_scalar",
            "rope_interleaved",
            "rotary_pct",
            "rotary_dim",
            "no_rope_layers",
            "no_rope_layer_interval",
            "attn_temperature_tuning",
            "use_qk_norm",
            "qk_norm",
            "qk_layernorm",
            "clip_qkv",
            "alibi",
            "use_parallel_residual",
            "num_experts",
            "num_local_experts",
            "n_routed_experts",
            "num_experts_per_tok");

    /** No tool writes longer names; what such a field means is not known. */
    private static final int LONGEST = 100;

    private ArithmeticFields() {}

    static boolean contains(String field) {
        return field.length() > LONGEST || NAMES.contains(field);
    }
}
