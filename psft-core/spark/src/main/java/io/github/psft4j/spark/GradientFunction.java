package io.github.psft4j.spark;

import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Denominator;
import io.github.psft4j.loss.NonFiniteLossException;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.slice.GradientWork;
import io.github.psft4j.train.slice.SliceGradient;
import io.github.psft4j.transformer.DecoderGraph;
import org.apache.spark.broadcast.Broadcast;

/** Gradients of slices; those behind a slice whose loss is not finite are not computed. */
final class GradientFunction extends ReplicaFunction<TaskData, SliceResult> {

    private static final long serialVersionUID = 1L;

    private final TokenObjective objective;
    private final Aggregation aggregation;
    private final long tokens; // of the whole mini-batch
    private final long sequences;
    private final double temperature;
    private final int step;
    private final double neftuneAlpha;
    private final long seed;
    private final boolean traced;
    private final Wire wire;

    GradientFunction(Recipe recipe, Broadcast<Weights> weights, GradientWork work, Wire wire) {
        super(recipe, weights);
        TokenLoss loss = work.loss();
        this.objective = loss.objective();
        this.aggregation = loss.aggregation();
        this.tokens = loss.denominator().tokens();
        this.sequences = loss.denominator().sequences();
        this.temperature = loss.temperature();
        this.step = work.step();
        this.neftuneAlpha = work.neftuneAlpha();
        this.seed = work.seed();
        this.traced = work.traced();
        this.wire = wire;
    }

    @Override
    SliceResult[] of(CausalLm model, TaskData task) {
        SliceData[] slices = task.slices();
        SliceGradient pass = new SliceGradient(model, neftuneAlpha, seed);
        TokenLoss loss = new TokenLoss(objective, aggregation)
                .within(new Denominator(tokens, sequences))
                .withTemperature(temperature);
        SliceResult[] out = new SliceResult[slices.length];
        try (WeightScope scope = DecoderGraph.ops(model.graph()).products().holdWeights()) {
            for (int i = 0; i < slices.length; i++) {
                try {
                    pass.of(slices[i].slice(), slices[i].columns(), loss, step);
                } catch (NonFiniteLossException e) {
                    out[i] = new SliceResult(e.getMessage());
                    return out;
                }
                out[i] = new SliceResult(
                        new ReportData(loss.report()),
                        traced ? new TraceData(loss.trace()) : null,
                        new WireVector(model.graph().getFlattenedGradients(), wire));
            }
        }
        return out;
    }
}
