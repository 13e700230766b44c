package io.github.psft4j.transformer.generation;

/** Token ids to text. */
@FunctionalInterface
public interface Detokenizer {

    /** Text of ids, special tokens left out. */
    String decode(int[] tokens);
}
