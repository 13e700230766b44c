package io.github.psft4j.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.report.AfterReport;
import io.github.psft4j.examples.report.AfterRun;
import io.github.psft4j.examples.report.Pictures;
import io.github.psft4j.io.AtomicFile;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What follows fine-tuning on the skill testbed: GRPO, RLOO and DPO from several checkpoints, over several seeds. The
 * checkpoints are the base model and what SFT and PSFT make of it. Writes curves, a table and all numbers.
 *
 * <p>A run is a file in {@code OUT/runs}. A run whose file is there already is not repeated, so the program goes on
 * where it was ended, and several may share the seeds.
 */
@Command(
        name = "AfterFineTuning",
        description = "GRPO, RLOO and DPO from the base, SFT and PSFT checkpoints of the skill testbed.")
public final class AfterFineTuning extends Program {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Evaluations of a run after its start. */
    private static final int EVALUATIONS = 4;

    /** Rate and steps of the checkpoints. */
    private static final double CHECKPOINT_RATE = 3e-4;

    private static final int CHECKPOINT_STEPS = 480;

    /** What follows fine-tuning. */
    enum Method {
        GRPO,
        RLOO,
        DPO
    }

    /** Where it starts. */
    enum Start {
        BASE,
        SFT,
        PSFT
    }

    @Option(names = "--methods", split = ",", paramLabel = "NAME", description = "Of grpo, rloo and dpo.")
    private List<Method> methods = List.of(Method.values());

    @Option(names = "--starts", split = ",", paramLabel = "NAME", description = "Of base, sft and psft.")
    private List<Start> starts = List.of(Start.values());

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds, comma-separated.")
    private long[] seeds = {1, 2, 3, 4, 5};

    @Option(names = "--rollouts", paramLabel = "N", description = "Rollouts of grpo and rloo.")
    private int rollouts = 100;

    @Option(names = "--problems", paramLabel = "N", description = "Held-out problems of each skill.")
    private int problems = 300;

    @Option(names = "--out", paramLabel = "DIR", description = "Where everything is written.")
    private Path out = Path.of("runs", "after-fine-tuning");

    private SkillEvaluation evaluation;

    private AfterFineTuning() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        Environment.prepare();
        new AfterFineTuning().start(args);
    }

    @Override
    void run() throws IOException {
        Files.createDirectories(out.resolve("runs"));
        evaluation = made(() -> new SkillEvaluation(problems, 1, QuickstartOptions.PROBLEM_SEED));
        for (long seed : seeds) {
            for (Method method : methods) {
                for (Start start : starts) {
                    run(method, start, seed);
                }
            }
        }
        write(finished());
    }

    private void write(List<AfterRun> runs) throws IOException {
        AfterReport report = new AfterReport(runs);
        Files.writeString(out.resolve("table.md"), report.table());
        JSON.writeValue(out.resolve("results.json").toFile(), runs);
        Pictures.write(report.charts(), out, System.err::println);
        System.out.println(report.table());
    }

    private List<AfterRun> finished() throws IOException {
        List<AfterRun> runs = new ArrayList<>();
        try (Stream<Path> files = Files.list(out.resolve("runs"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                runs.add(JSON.readValue(file.toFile(), AfterRun.class));
            }
        }
        return runs;
    }

    private void run(Method method, Start start, long seed) throws IOException {
        SkillRollouts rewarded = made(() -> new SkillRollouts(lower(method), rollouts, 64, 16, 2, 2, 1e-4));
        SkillPairs preferred = new SkillPairs("sigmoid 1", 2, 1000, 8, 128, 2, 1e-4);
        String settings = (method == Method.DPO ? preferred : rewarded) + ", " + problems + " problems";
        AfterRun empty = new AfterRun(lower(method), lower(start), seed, settings, List.of());
        Path file = out.resolve("runs").resolve(empty.id() + ".json");
        if (Files.exists(file)
                && JSON.readValue(file.toFile(), AfterRun.class).settings().equals(settings)) {
            return;
        }
        CausalLm model = CausalLm.load(start(start, seed));
        Curve curve = new Curve(model);
        if (method == Method.DPO) {
            List<Demonstration> pairs = preferred.draw(model, seed);
            curve.steps = preferred.steps(pairs.size());
            preferred.train(model, pairs, seed, curve);
        } else {
            curve.steps = rewarded.steps();
            rewarded.train(model, seed, curve);
        }
        AfterRun run = new AfterRun(empty.method(), empty.start(), seed, settings, curve.points);
        AtomicFile.write(file, JSON.writeValueAsBytes(run));
        System.out.println(JSON.writeValueAsString(run));
    }

    /** The checkpoint, trained if it is not there yet. */
    private Path start(Start start, long seed) throws IOException {
        Path base = BaseModel.extractTo(out.resolve("base"));
        Path directory = out.resolve(lower(start) + "-" + seed);
        if (start != Start.BASE && !Files.exists(directory.resolve("model.safetensors"))) {
            TokenObjective objective = start == Start.SFT ? new SftObjective() : new PsftObjective();
            CausalLm model = CausalLm.load(base);
            FineTuning.trainer(model, objective, QuickstartOptions.DEMONSTRATIONS)
                    .learningRate(CHECKPOINT_RATE)
                    .maxSteps(CHECKPOINT_STEPS)
                    .seed(seed)
                    .build()
                    .fit(Quickstart.demonstrations(model.tokenizer(), seed));
            model.save(directory);
        }
        return start == Start.BASE ? base : directory;
    }

    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    /** Evaluates on the way. */
    private final class Curve implements TrainerListener {
        private final CausalLm model;
        private final List<AfterRun.Point> points = new ArrayList<>();
        private int steps;

        Curve(CausalLm model) {
            this.model = model;
            add(0);
        }

        @Override
        public void onStep(StepMetrics metrics) {
            int step = metrics.step();
            // step k of n is a point where k / n passes a multiple of 1 / EVALUATIONS
            if ((long) step * EVALUATIONS / steps > (long) (step - 1) * EVALUATIONS / steps) {
                add(step);
            }
        }

        private void add(int step) {
            SkillScores scores = evaluation.evaluate(model, step, part -> {});
            points.add(new AfterRun.Point(
                    step, scores.inDomain().value(), scores.outOfDomain().value()));
        }
    }
}
