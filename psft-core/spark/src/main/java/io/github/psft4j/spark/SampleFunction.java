package io.github.psft4j.spark;

import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.broadcast.Broadcast;

/**
 * Samples of prompts. Each prompt is sampled on its own, so that no cut into tasks decides which prompts share a pass.
 */
final class SampleFunction extends ReplicaFunction<PromptData, SampleData> {

    private static final long serialVersionUID = 1L;

    private final GenerationConfig settings;

    SampleFunction(Recipe recipe, Broadcast<Weights> weights, GenerationConfig settings) {
        super(recipe, weights);
        this.settings = settings;
    }

    @Override
    SampleData[] of(CausalLm model, PromptData data) {
        Stream.Builder<SampleData> out = Stream.builder();
        for (int i = 0; i < data.prompts().length; i++) {
            model.sample(List.of(data.prompts()[i]), List.of(data.seeds()[i]), settings)
                    .forEach(result -> out.add(new SampleData(result)));
        }
        return out.build().toArray(SampleData[]::new);
    }
}
