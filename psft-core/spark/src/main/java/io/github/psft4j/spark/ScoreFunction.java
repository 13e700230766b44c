package io.github.psft4j.spark;

import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.LocalScores;
import io.github.psft4j.policy.Scoring;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.broadcast.Broadcast;

/** Log-probs of slices by the number of the sequence. */
final class ScoreFunction extends ReplicaFunction<TaskData, TreeMap<Integer, double[]>> {

    private static final long serialVersionUID = 1L;

    private final boolean adapter;
    private final double temperature;

    ScoreFunction(Recipe recipe, Broadcast<Weights> weights, Scoring how) {
        super(recipe, weights);
        this.adapter = how.adapter();
        this.temperature = how.temperature();
    }

    @Override
    @SuppressWarnings("unchecked") // Java has no generic arrays
    TreeMap<Integer, double[]>[] of(CausalLm model, TaskData task) {
        List<MicroBatch> all = Stream.of(task.slices()).map(SliceData::slice).toList();
        return new TreeMap[] {new TreeMap<>(new LocalScores().of(model, new Scoring(adapter, temperature), all))};
    }
}
