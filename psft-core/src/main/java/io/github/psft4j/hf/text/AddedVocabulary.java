package io.github.psft4j.hf.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The added tokens of a {@code tokenizer.json}, to which tokens are added by the rules of the Hugging Face library. So
 * a file with the result gives the ids that transformers gives.
 */
final class AddedVocabulary {

    private final Map<String, Integer> ids;
    private final int modelSize;
    private final TreeMap<Integer, AddedToken> byId;
    private boolean changed;

    /**
     * @param ids ids of all tokens by spelling; added tokens are put into it
     * @param modelSize tokens of the model, without added ones
     * @param byId the added tokens by id; copied
     */
    AddedVocabulary(Map<String, Integer> ids, int modelSize, Map<Integer, AddedToken> byId) {
        this.ids = ids;
        this.modelSize = modelSize;
        this.byId = new TreeMap<>(byId);
    }

    /** Adds tokens. A known one keeps its id and takes the new flags; what was special remains so in decoding. */
    void add(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            if (token.content().isEmpty()) {
                continue;
            }
            Integer known = ids.get(token.content());
            int id = known != null ? known : nextId();
            AddedToken before = byId.get(id);
            AddedToken after = before != null && before.special() ? token.withSpecial(true) : token;
            if (!after.equals(before)) {
                byId.put(id, after);
                ids.put(after.content(), id);
                changed = true;
            }
        }
    }

    private int nextId() {
        return byId.isEmpty() ? modelSize : Math.max(modelSize, byId.lastKey() + 1);
    }

    /** Whether something was added or has other flags. */
    boolean changed() {
        return changed;
    }

    /** The tokens as {@code tokenizer.json} lists them. */
    String json() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        byId.forEach((id, token) -> token.write(id, list.addObject()));
        return list.toString();
    }
}
