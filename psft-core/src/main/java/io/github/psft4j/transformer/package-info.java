/**
 * A decoder as Deeplearning4j layers, its configuration, the graph builder, and generation. The layers are embedding,
 * blocks, final norm and the head, which computes logits, loss and gradient in one sweep. The configuration covers
 * Llama, Mistral, Qwen2, Qwen3 and GPT-2.
 */
package io.github.psft4j.transformer;
