package io.github.psft4j.hf.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A token that is found in a text before the model of the tokenizer sees it, with the flags of the Hugging Face
 * library.
 *
 * @param content its spelling
 * @param singleWord whether it is found only as a whole word
 * @param lstrip whether it takes the white space before it
 * @param rstrip whether it takes the white space behind it
 * @param normalized whether it is searched in the normalised text
 * @param special whether decoding may leave it out
 */
record AddedToken(
        String content, boolean singleWord, boolean lstrip, boolean rstrip, boolean normalized, boolean special) {

    /** A special token without flags. */
    static AddedToken special(String content) {
        return new AddedToken(content, false, false, false, false, true);
    }

    /** Reads an object; flags that are missing are false, normalized is then what special is not. */
    static AddedToken of(JsonNode object, boolean special) {
        return new AddedToken(
                object.path("content").asText(),
                object.path("single_word").asBoolean(),
                object.path("lstrip").asBoolean(),
                object.path("rstrip").asBoolean(),
                object.path("normalized").asBoolean(!special),
                special);
    }

    AddedToken withSpecial(boolean value) {
        return new AddedToken(content, singleWord, lstrip, rstrip, normalized, value);
    }

    /** Writes it as {@code tokenizer.json} has it. */
    void write(int id, ObjectNode object) {
        object.put("id", id);
        object.put("content", content);
        object.put("single_word", singleWord);
        object.put("lstrip", lstrip);
        object.put("rstrip", rstrip);
        object.put("normalized", normalized);
        object.put("special", special);
    }
}
