/**
 * A Llama-style decoder as Deeplearning4j layers: embedding, blocks, final norm and the head that computes logits, loss
 * and gradient in one sweep; its configuration, the graph builder, and generation.
 */
package io.github.psft4j.transformer;
