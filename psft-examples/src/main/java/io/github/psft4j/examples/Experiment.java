package io.github.psft4j.examples;

import io.github.psft4j.examples.experiment.Studies;
import io.github.psft4j.examples.experiment.kit.Study;
import io.github.psft4j.examples.experiment.run.Planned;
import io.github.psft4j.examples.experiment.run.Recorded;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.examples.experiment.run.RlTrial;
import io.github.psft4j.examples.experiment.run.SmolTrial;
import io.github.psft4j.examples.experiment.run.Trial;
import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.WorkerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The experiments, on the skill testbed and with SmolLM2: runs what is not run yet and writes the pages from all
 * results.
 *
 * <p>A run is a line of {@code OUT/experiments/results/TRIAL.jsonl}. A run that is there is not repeated, so an ended
 * program goes on, experiments share runs, and several programs may share a directory.
 */
@Command(name = "Experiment", description = "Runs experiments and writes their pages.")
public final class Experiment extends Program {

    private static final String THREADS = "1";

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Experiments; all on skills if none is named.")
    private List<String> names = List.of();

    @Option(names = "--seeds", paramLabel = "N", description = "Seeds 1 to N instead of each experiment's own number.")
    private int seeds;

    @Option(names = "--from", paramLabel = "N", description = "First seed to run, so that programs share the work.")
    private int from = 1;

    @Option(names = "--out", paramLabel = "DIR", description = "Where results and pages are written.")
    private Path out = Path.of("docs");

    @Option(names = "--minutes", paramLabel = "N", description = "Begin no run after so many minutes; 0: no limit.")
    private int minutes;

    @Option(names = "--pages", description = "Run nothing; write the pages from the results that are there.")
    private boolean onlyPages;

    @Option(names = "--only", paramLabel = "REGEX", description = "Only runs whose name has a part that matches.")
    private Pattern only = Pattern.compile("");

    @Option(names = "--model", paramLabel = "DIR", description = "SmolLM2-135M-Instruct, for smollm2.")
    private Path model;

    @Option(names = "--data", paramLabel = "DIR", description = "train.jsonl and test.jsonl of GSM8K, for smollm2.")
    private Path data;

    private SmolRunner smol;
    private SkillTrials trials;
    private RlRunner rewarded;

    private Experiment() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        // One thread, because the model is small and because the number of threads decides the last digits.
        System.getProperties().putIfAbsent(WorkerPool.THREADS_PROPERTY, THREADS);
        Environment.prepare();
        new Experiment().start(args);
    }

    @Override
    void run() throws IOException {
        List<Study> chosen = made(this::chosen);
        ResultFiles files = new ResultFiles(out);
        if (!onlyPages && !runAll(chosen, files)) {
            System.out.println("Time is up. The same command goes on.");
            return;
        }
        Studies.write(files, out);
    }

    private List<Study> chosen() {
        String known = Studies.ALL.stream().map(Study::name).collect(Collectors.joining(", "));
        for (String name : names) {
            if (Studies.ALL.stream().noneMatch(study -> study.name().equals(name))) {
                throw new IllegalArgumentException("there is no experiment " + name + "; there are " + known);
            }
        }
        List<Study> chosen = names.isEmpty()
                ? Studies.ON_SKILLS
                : Studies.ALL.stream()
                        .filter(study -> names.contains(study.name()))
                        .toList();
        if (!Studies.ON_SKILLS.containsAll(chosen) && !onlyPages && (model == null || data == null)) {
            throw new IllegalArgumentException("smollm2 needs --model and --data: psft downloads nothing");
        }
        return chosen;
    }

    /** Whether all runs are there. */
    private boolean runAll(List<Study> chosen, ResultFiles files) throws IOException {
        long end = System.nanoTime() + minutes * 60_000_000_000L;
        for (Study study : chosen) {
            int most = seeds == 0 ? study.seeds() : seeds;
            for (long seed = from; seed <= most; seed++) {
                for (Planned trial : study.planned(files)) {
                    if (!only.matcher(trial.id()).find() || files.has(trial, seed)) {
                        continue;
                    }
                    if (minutes > 0 && System.nanoTime() > end) {
                        return false;
                    }
                    run(trial, seed, files);
                }
            }
        }
        return true;
    }

    private void run(Planned planned, long seed, ResultFiles files) throws IOException {
        long started = System.nanoTime();
        files.add(planned, result(planned, seed));
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.println(Shown.format("%s, seed %d: %.1f s", planned.id(), seed, seconds));
    }

    private Recorded result(Planned planned, long seed) throws IOException {
        if (planned instanceof SmolTrial trial) {
            smol = smol == null ? new SmolRunner(model, data) : smol;
            return smol.run(trial, seed);
        }
        if (trials == null) {
            Path directory = Files.createTempDirectory("skills");
            Path base = BaseModel.extractTo(directory.resolve("base"));
            trials = new SkillTrials(base);
            rewarded = new RlRunner(base, directory);
        }
        return planned instanceof RlTrial trial ? rewarded.run(trial, seed) : trials.run((Trial) planned, seed);
    }
}
