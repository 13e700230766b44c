package io.github.psft4j.spark;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.hf.peft.LoraConfig;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.preference.DpoObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.TrainerBuilder;
import io.github.psft4j.train.slice.SliceWorkers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;

/** Runs of 12 steps on a golden model, each mini-batch in four slices. */
enum Runs {
    SFT(new SftObjective(), false),
    PSFT(new PsftObjective(), false),
    DPO(new DpoObjective(), false),
    LORA_PSFT(new PsftObjective(), true),
    LORA_DPO(new DpoObjective(), true);

    static final int STEPS = 12;

    private static final Path BASE =
            Path.of(System.getProperty("psft.models", "../src/test/resources"), "golden", "llama-tiny");

    private final TokenObjective objective;
    private final boolean lora;

    Runs(TokenObjective objective, boolean lora) {
        this.objective = objective;
        this.lora = lora;
    }

    TokenObjective objective() {
        return objective;
    }

    CausalLm model() {
        return lora ? LoraModels.fresh(BASE, LoraConfig.of(2, 4), DataType.FLOAT, 3) : CausalLm.load(BASE);
    }

    /** Settings in which the clip of PSFT binds, noise included; the last mini-batch of an epoch is smaller. */
    private TrainerBuilder settings(TrainerBuilder builder) {
        return builder.objective(objective)
                .macroBatch(16)
                .miniBatch(8)
                .microBatch(2)
                .lengthGrouping(true)
                .neftune(5)
                .learningRate(lora ? 5e-2 : 1e-2)
                .warmupSteps(0)
                .maxSteps(STEPS);
    }

    /** On a cluster. */
    TrainerBuilder on(SparkTrainer spark, CausalLm model) {
        return settings(spark.builder(model));
    }

    /** On workers. */
    TrainerBuilder on(SliceWorkers workers, CausalLm model) {
        return settings(PsftTrainer.builder(model).workers(workers));
    }

    /** In this process. */
    TrainerBuilder here(CausalLm model) {
        return settings(PsftTrainer.builder(model));
    }

    /** Weights after training in this process: what every cluster must come to. */
    float[] expected() {
        CausalLm model = model();
        here(model).build().fit(data());
        return weights(model);
    }

    static float[] weights(CausalLm model) {
        return model.graph().params().toFloatVector();
    }

    /** Sequences of mixed length; for pairs a prompt with two answers in turn. */
    static List<Demonstration> data() {
        Random random = new Random(5);
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            int[] prompt = random.ints(1 + random.nextInt(6), 3, 97).toArray();
            for (int answer = 0; answer < 2; answer++) {
                int[] completion = random.ints(2 + random.nextInt(12), 3, 97).toArray();
                out.add(Demonstration.of(prompt, completion, 2));
            }
        }
        return out;
    }
}
