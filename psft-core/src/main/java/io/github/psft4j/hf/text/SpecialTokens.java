package io.github.psft4j.hf.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The special tokens that the files beside a {@code tokenizer.json} name, in the precedence of transformers 5.24.
 *
 * <p>With {@code added_tokens_decoder}, {@code tokenizer_config.json} counts alone. Without, what
 * {@code special_tokens_map.json} says replaces its values, and {@code added_tokens.json} adds tokens.
 */
final class SpecialTokens {

    static final String CONFIG = "tokenizer_config.json";
    static final String MAP = "special_tokens_map.json";
    static final String ADDED = "added_tokens.json";

    private static final String DECODER = "added_tokens_decoder";
    private static final String EXTRA = "extra_special_tokens";
    private static final String OLD_EXTRA = "additional_special_tokens";

    /** The tokens that have an attribute of their own, in the order in which they are added. */
    private static final List<String> NAMED =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private final JsonNode config;
    private final JsonNode map;
    private final JsonNode added;

    /** The fields of the configuration, after the map has replaced some where it may. */
    private final ObjectNode merged;

    /** @param config, map, added content of the three files; anything but an object counts as empty */
    SpecialTokens(JsonNode config, JsonNode map, JsonNode added) {
        this.config = config;
        this.map = map;
        this.added = added;
        this.merged = config instanceof ObjectNode object ? object.deepCopy() : JsonNodeFactory.instance.objectNode();
        if (!config.has(DECODER) && map instanceof ObjectNode object) {
            merged.setAll(object);
            if (config.path(EXTRA).isArray() && map.path(EXTRA).isArray()) {
                merged.putArray(EXTRA).addAll((ArrayNode) config.get(EXTRA)).addAll((ArrayNode) map.get(EXTRA));
            }
        }
    }

    /** Spellings by name, such as {@code eos_token}: what chat templates see. */
    Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        named().forEach((name, token) -> names.put(name, token.content()));
        return names;
    }

    /**
     * Spelling of the end of sequence, null if no file names one. {@code special_tokens_map.json} is asked last where
     * it does not count otherwise.
     */
    String endOfSequence() {
        String name = NAMED.get(1);
        String content = names().get(name);
        return content != null || !map.has(name) || !map.get(name).isTextual()
                ? content
                : map.get(name).textValue();
    }

    private Map<String, AddedToken> named() {
        Map<String, AddedToken> tokens = new LinkedHashMap<>();
        NAMED.forEach(name -> put(tokens, name, merged.path(name)));
        merged.fields().forEachRemaining(field -> {
            if (field.getKey().endsWith("_token") && !NAMED.contains(field.getKey())) {
                put(tokens, field.getKey(), field.getValue());
            }
        });
        for (String own : List.of(EXTRA, "model_specific_special_tokens")) {
            if (merged.path(own).isObject()) {
                merged.get(own).fields().forEachRemaining(field -> put(tokens, field.getKey(), field.getValue()));
            }
        }
        return tokens;
    }

    private static void put(Map<String, AddedToken> tokens, String name, JsonNode value) {
        AddedToken token = token(value);
        if (token != null) {
            tokens.put(name, token);
        }
    }

    /** A text, or an object with the text in {@code content}; null for all else. */
    private static AddedToken token(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue().isEmpty() ? null : AddedToken.special(value.textValue());
        }
        return value.path("content").isTextual() ? AddedToken.of(value, true) : null;
    }

    /**
     * Tokens to add to those of {@code tokenizer.json}, in this order. One that is there already brings its flags.
     *
     * @param present spellings of the added tokens of {@code tokenizer.json}
     */
    List<AddedToken> toAdd(Set<String> present) {
        Map<String, AddedToken> named = named();
        Set<String> spellings = named.values().stream().map(AddedToken::content).collect(Collectors.toSet());
        List<AddedToken> extra = extra();
        List<AddedToken> tokens = new ArrayList<>(decoder(spellings, extra));
        Set<String> known = tokens.stream().map(AddedToken::content).collect(Collectors.toSet());
        known.addAll(present);
        for (List<AddedToken> more : List.of(List.copyOf(named.values()), extra)) {
            more.stream().filter(token -> known.add(token.content())).forEach(tokens::add);
        }
        return tokens;
    }

    /** Tokens with ids, in the order of these. */
    private List<AddedToken> decoder(Set<String> named, List<AddedToken> extra) {
        TreeMap<Integer, AddedToken> byId = new TreeMap<>();
        if (config.has(DECODER)) {
            config.get(DECODER).fields().forEachRemaining(field -> {
                if (field.getKey().matches("\\d{1,9}")
                        && field.getValue().path("content").isTextual()) {
                    AddedToken token = AddedToken.of(
                            field.getValue(), field.getValue().path("special").asBoolean());
                    byId.put(
                            Integer.parseInt(field.getKey()),
                            named.contains(token.content()) ? token.withSpecial(true) : token);
                }
            });
        } else if (added.isObject()) {
            Set<String> special = extra.stream().map(AddedToken::content).collect(Collectors.toSet());
            added.fields().forEachRemaining(field -> {
                boolean is = named.contains(field.getKey()) || special.contains(field.getKey());
                byId.put(field.getValue().asInt(), new AddedToken(field.getKey(), false, false, false, !is, is));
            });
        }
        return List.copyOf(byId.values());
    }

    /** Special tokens without a name. The old field counts only where the new one is no list or an empty one. */
    private List<AddedToken> extra() {
        boolean listed = merged.path(EXTRA).isArray() && !merged.path(EXTRA).isEmpty();
        JsonNode list = merged.path(listed ? EXTRA : OLD_EXTRA);
        List<AddedToken> tokens = new ArrayList<>();
        if (list.isArray()) {
            for (JsonNode value : list) {
                AddedToken token = token(value);
                if (token != null) {
                    tokens.add(token);
                }
            }
        }
        return tokens;
    }
}
