/** {@code tokenizer.json} and chat templates: from text and messages to token ids and back. */
package io.github.psft4j.hf.text;
