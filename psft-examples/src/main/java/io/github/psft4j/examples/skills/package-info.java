/** The skill testbed: six verifiable character-level skills, their corpora and their tokenizer. */
package io.github.psft4j.examples.skills;
