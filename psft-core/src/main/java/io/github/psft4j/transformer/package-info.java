/**
 * A decoder as Deeplearning4j layers: embedding, blocks, final norm and the head that computes logits, loss and gradient
 * in one sweep; its configuration, which covers Llama, Mistral, Qwen2, Qwen3 and GPT-2, the graph builder, and generation.
 */
package io.github.psft4j.transformer;
