package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.serve.ServedModel;

/** Answers of {@code /v1/models}. */
public final class ModelList {

    private ModelList() {}

    /** All models: the one. */
    public static ObjectNode all(ServedModel model) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
        json.putArray("data").add(one(model));
        return json;
    }

    /** One model by its name. */
    public static ObjectNode named(ServedModel model, String name) {
        if (!name.equals(model.name())) {
            throw ApiException.noSuchModel("the model " + name + " is not served here; it is " + model.name());
        }
        return one(model);
    }

    private static ObjectNode one(ServedModel model) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", model.name())
                .put("object", "model")
                .put("created", model.since().getEpochSecond())
                .put("owned_by", "psft4j")
                .put("max_model_len", model.generator().longest());
    }
}
