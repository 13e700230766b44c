/**
 * Hugging Face model directories: the limits of their files and the faults that a broken file ends in.
 *
 * <p>Models trained here open in transformers, and the other way round. Every file is checked against its format before
 * a number of it is used. A file that breaks a rule ends in a {@link io.github.psft4j.hf.ModelFormatException} that
 * names the file, the field, the value and the way out. No Java serialisation, no class names in data, no network.
 */
package io.github.psft4j.hf;
