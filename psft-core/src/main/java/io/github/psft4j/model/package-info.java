/** The causal language model: a decoder graph with its tokenizer, loaded from and saved to a Hugging Face directory. */
package io.github.psft4j.model;
