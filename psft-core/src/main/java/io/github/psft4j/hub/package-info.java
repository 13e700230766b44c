/**
 * Hugging Face model directories: {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}, chat template.
 *
 * <p>What is trained here opens in transformers, and the other way round. Every file is checked against its format
 * before a number of it is used: a file that breaks a rule ends in a {@link io.github.psft4j.hub.ModelFormatException}
 * that names the file, the tensor or field, the value and the way out. No Java serialisation, no class names in data,
 * no network. Files are replaced atomically: a reader sees the old content or the new one, never a mixture.
 */
package io.github.psft4j.hub;
