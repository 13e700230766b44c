package io.github.psft4j.examples;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.CharacterTokenizer;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.optimizer.LearningRateSchedule;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Makes the base model of the skill testbed from nothing: good at five skills, halfway at addition, ignorant of the
 * bracketed answer format.
 *
 * <p>The recipe is fixed here rather than on the command line, because the committed model is its result. The number of
 * steps decides how far addition gets. It takes about five minutes on two cores. A rerun gives the same bits with the
 * same version, number of threads and kind of processor. Elsewhere it ends in a model as different as another seed's.
 */
@Command(name = "PretrainSkills", description = "Makes the base model of the skill testbed from nothing.")
public final class PretrainSkills extends Program {

    private static final int MAX_POSITIONS = 64;
    private static final int BATCH = 96;
    private static final double LEARNING_RATE = 1e-3;
    private static final int WARMUP_STEPS = 100;
    private static final int PROBLEMS = 200;

    /** How often the model is evaluated on the way. */
    private static final int EVALUATIONS = 5;

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps.")
    private int steps = 3000;

    @Option(names = "--seed", paramLabel = "N", description = "Of weights and problems.")
    private long seed = 1;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the model is saved.")
    private Path out = Path.of(BaseModel.DIRECTORY);

    private PretrainSkills() {}

    /** Runs with the arguments listed by {@code --help}; by default it remakes the committed model. */
    public static void main(String[] args) {
        new PretrainSkills().start(args);
    }

    @Override
    void run() throws IOException {
        Environment.prepare();
        CharacterTokenizer.write(out, MAX_POSITIONS);
        CausalLm model = CausalLm.create(architecture(), Tokenizer.load(out), seed);
        List<Demonstration> corpus = SkillCorpus.pretraining(model.tokenizer(), Math.multiplyExact(steps, BATCH), seed);
        long parts = (long) EVALUATIONS * SkillEvaluation.PARTS;
        try (Progress progress = new Progress("pretraining", steps + parts * Progress.EVALUATION_PART)) {
            PsftTrainer.builder(model)
                    .objective(new SftObjective())
                    .macroBatch(BATCH)
                    .miniBatch(BATCH)
                    .learningRate(LEARNING_RATE)
                    .warmupSteps(WARMUP_STEPS)
                    .schedule(LearningRateSchedule.LINEAR)
                    .betas(0.9, 0.95)
                    .weightDecay(0.01)
                    .maxGradNorm(1.0)
                    .shuffle(false)
                    .listener(new Reporter(model, steps, progress))
                    .build()
                    .fit(corpus);
        }
        model.save(out);
        System.out.println("Saved " + model.config().parameters() + " parameters to " + out.toAbsolutePath());
    }

    private static DecoderConfig architecture() {
        return DecoderConfig.builder()
                .vocabSize(CharacterTokenizer.ALPHABET.length())
                .hiddenSize(128)
                .intermediateSize(352)
                .layers(4)
                .heads(4)
                .maxPositions(MAX_POSITIONS)
                .normEps(1e-6)
                .ropeTheta(10_000)
                .tiedEmbeddings(false)
                .initializerRange(0.02)
                .eosTokenId(CharacterTokenizer.EOS_ID)
                .build();
    }

    private static final class Reporter implements TrainerListener {
        private final SkillEvaluation evaluation = new SkillEvaluation(PROBLEMS, 1, QuickstartOptions.PROBLEM_SEED);
        private final CausalLm model;
        private final int steps;
        private final Progress progress;

        Reporter(CausalLm model, int steps, Progress progress) {
            this.model = model;
            this.steps = steps;
            this.progress = progress;
        }

        @Override
        public void onStep(StepMetrics metrics) {
            progress.advance(Progress.STEP, Shown.format("NLL %.3f", metrics.nll()));
            boolean last = metrics.step() == steps;
            if (last || metrics.step() % Math.max(1, steps / EVALUATIONS) == 0) {
                SkillScores scores = evaluation.evaluate(model, metrics.step(), progress.evaluationOf("base"));
                StringBuilder line = new StringBuilder("\nstep " + metrics.step());
                scores.accuracy()
                        .forEach((skill, accuracy) ->
                                line.append(Shown.format("  %s %.3f", skill.label(), accuracy.value())));
                System.out.println(line);
            }
        }
    }
}
