package io.github.psft4j.hf.config;

import java.util.Set;

/** Fields of {@code config.json} that have no part in what the model computes: they are kept when it is saved. */
final class IgnoredFields {

    /**
     * Six groups in this order. What was saved, by what, and how it is to be loaded; a split of the products over
     * devices, which gives the same sums; the tokenizer's; heads and tasks other than the language model; generation
     * settings of old files; an old name of n_positions, and of chunking that changes nothing.
     */
    private static final Set<String> NAMES = Set.of("""
            architectures model_type dtype torch_dtype transformers_version _name_or_path name_or_path
            _attn_implementation _attn_implementation_autoset attn_implementation transformers.js_config
            use_cache return_dict output_attentions output_hidden_states torchscript gradient_checkpointing
            is_decoder tf_legacy_loss unsloth_version unsloth_fixed
            pretraining_tp
            pad_token_id sep_token_id unk_token_id decoder_start_token_id tokenizer_class prefix
            id2label label2id num_labels problem_type finetuning_task task_specific_params summary_activation
            summary_first_dropout summary_proj_to_labels summary_type summary_use_proj predict_special_tokens
            max_length min_length do_sample early_stopping num_beams num_beam_groups diversity_penalty
            temperature top_k top_p typical_p repetition_penalty length_penalty no_repeat_ngram_size
            encoder_no_repeat_ngram_size bad_words_ids num_return_sequences output_scores
            return_dict_in_generate forced_bos_token_id forced_eos_token_id remove_invalid_values
            exponential_decay_length_penalty suppress_tokens begin_suppress_tokens
            n_ctx chunk_size_feed_forward
            """.split("\\s+"));

    private IgnoredFields() {}

    static boolean contains(String field) {
        return NAMES.contains(field);
    }
}
