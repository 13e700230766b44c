/** The words, the sentences and the language of a text, as the tools count them whose figures are published. */
package io.github.psft4j.eval.text;
