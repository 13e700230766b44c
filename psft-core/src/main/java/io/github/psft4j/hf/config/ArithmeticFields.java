package io.github.psft4j.hf.config;

import java.util.Set;

/**
 * Fields of {@code config.json} that can change what a model computes and that no family here supports. A field outside
 * this list that no family reads has no effect: the model classes of transformers 5.24 read a fixed set of fields.
 * Settings of related architectures ({@code logits_scaling}, {@code num_experts} ...) are no exception. Where they
 * change tensors, the weights are refused.
 */
final class ArithmeticFields {

    /**
     * Read by code that all models of transformers share: which keys a query sees, caches, layers, tensors, classes.
     * The last is of nanotron: channels in another order, which the names and shapes of the weights do not show.
     */
    private static final Set<String> NAMES = Set.of("""
            is_encoder_decoder add_cross_attention sliding_window use_sliding_window layer_types
            attention_chunk_size use_bidirectional_attention kv_sharing_modes num_kv_shared_layers
            per_layer_config fusion_config transformers_weights pruned_heads cross_attention_hidden_size
            rope_interleaved
            """.split("\\s+"));

    /** No tool writes longer names; what such a field means is not known. */
    private static final int LONGEST = 100;

    private ArithmeticFields() {}

    static boolean contains(String field) {
        return field.length() > LONGEST || NAMES.contains(field);
    }
}
