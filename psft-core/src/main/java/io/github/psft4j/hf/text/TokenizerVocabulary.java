package io.github.psft4j.hf.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.Shown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tokens and ids of a {@code tokenizer.json}, which the native binding does not expose, and the place of its added
 * tokens.
 *
 * <p>They are in {@code model.vocab} and in {@code added_tokens}. The former is an object token to id (BPE, WordPiece,
 * WordLevel) or an array of [token, score] in the order of the ids (Unigram). All else is skipped, because the native
 * library checks it.
 */
final class TokenizerVocabulary {
    /** Tokens are data: they are not interned, nor put into a symbol table that outlives the parser. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final Path file;
    private final JsonParser json;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, AddedToken> added = new HashMap<>();
    private int modelSize;

    /** Where the list of added tokens begins and ends in the text of the file; without one, behind the first brace. */
    private int from;

    private int to;

    private TokenizerVocabulary(Path file, JsonParser json) {
        this.file = file;
        this.json = json;
    }

    /**
     * @param file named in messages
     * @param bytes content of a {@code tokenizer.json}
     * @throws com.fasterxml.jackson.core.JsonProcessingException if it is not JSON
     * @throws ModelFormatException if it is JSON, but without a vocabulary
     */
    static TokenizerVocabulary read(Path file, byte[] bytes) throws IOException {
        try (JsonParser json = JSON.createParser(bytes)) {
            TokenizerVocabulary vocabulary = new TokenizerVocabulary(file, json);
            vocabulary.readTokenizer();
            if (vocabulary.ids.isEmpty()) {
                throw ModelFormatException.of(file, "has neither model.vocab nor added_tokens: not a tokenizer.json");
            }
            return vocabulary;
        }
    }

    /** Ids by token; an added token wins over one of the model. */
    Map<String, Integer> ids() {
        return ids;
    }

    /** Spellings of the added tokens. */
    Set<String> added() {
        return added.values().stream().map(AddedToken::content).collect(Collectors.toSet());
    }

    /**
     * The file with more added tokens, which get their ids here as well; the same bytes if nothing changes.
     *
     * @param bytes of the file that was read
     */
    byte[] with(List<AddedToken> tokens, byte[] bytes) {
        AddedVocabulary vocabulary = new AddedVocabulary(ids, modelSize, added);
        vocabulary.add(tokens);
        if (!vocabulary.changed()) {
            return bytes;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        String list = from == to ? "\"added_tokens\":" + vocabulary.json() + "," : vocabulary.json();
        return (text.substring(0, from) + list + text.substring(to)).getBytes(StandardCharsets.UTF_8);
    }

    private int offset() {
        return Math.toIntExact(json.currentTokenLocation().getCharOffset());
    }

    private void readTokenizer() throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the file");
        from = offset() + 1;
        to = from;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("model") && json.currentToken() == JsonToken.START_OBJECT) {
                readModel();
            } else if (field.equals("added_tokens") && json.currentToken() == JsonToken.START_ARRAY) {
                from = offset();
                readAddedTokens();
                to = offset() + 1;
            } else {
                json.skipChildren();
            }
        }
        modelSize = ids.size();
        added.forEach((id, token) -> ids.put(token.content(), id));
    }

    private void readModel() throws IOException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            if (!field.equals("vocab")) {
                json.skipChildren();
            } else if (json.currentToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String token = json.currentName();
                    json.nextToken();
                    ids.put(token, id("model.vocab, token '" + token + "'"));
                }
            } else {
                expect(json.currentToken(), JsonToken.START_ARRAY, "model.vocab");
                for (int id = 0; json.nextToken() != JsonToken.END_ARRAY; id++) {
                    expect(json.currentToken(), JsonToken.START_ARRAY, "model.vocab[" + id + "]");
                    expect(json.nextToken(), JsonToken.VALUE_STRING, "model.vocab[" + id + "][0]");
                    ids.put(json.getText(), id);
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        json.skipChildren(); // the score
                    }
                }
            }
        }
    }

    private void readAddedTokens() throws IOException {
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            String where = "added_tokens[" + i + "]";
            expect(json.currentToken(), JsonToken.START_OBJECT, where);
            ObjectNode token = JsonNodeFactory.instance.objectNode();
            int id = -1;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "content" -> {
                        expect(json.currentToken(), JsonToken.VALUE_STRING, where + ".content");
                        token.put(field, json.getText());
                    }
                    case "id" -> id = id(where + ".id");
                    default -> {
                        if (json.currentToken().isBoolean()) {
                            token.put(field, json.getBooleanValue());
                        }
                        json.skipChildren();
                    }
                }
            }
            // one without content or id: the native library refuses the file
            added.put(id, AddedToken.of(token, token.path("special").asBoolean()));
        }
    }

    private int id(String where) throws IOException {
        expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, where);
        long id = json.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? -1 : json.getLongValue();
        if (id < 0 || id >= Integer.MAX_VALUE) {
            throw ModelFormatException.of(
                    file,
                    Shown.wide(where) + ": id " + Shown.wide(json.getText())
                            + " is not from 0 to 2^31-2: export the tokenizer again");
        }
        return (int) id;
    }

    private void expect(JsonToken actual, JsonToken wanted, String where) {
        if (actual != wanted) {
            throw ModelFormatException.of(
                    file,
                    Shown.wide(where) + ": found " + actual + " instead of " + wanted
                            + ": not a tokenizer.json, or incomplete");
        }
    }
}
