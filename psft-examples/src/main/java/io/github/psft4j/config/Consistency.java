package io.github.psft4j.config;

import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules between settings, and of settings with the file system; single values have passed their types already. */
final class Consistency {

    private final RunConfig config;
    private final Map<String, String> places;
    private final List<Fault> faults;

    private Consistency(RunConfig config, Map<String, String> places, List<Fault> faults) {
        this.config = config;
        this.places = places;
        this.faults = faults;
    }

    /** Adds what contradicts itself to the faults. */
    static void check(RunConfig config, Map<String, String> places, List<Fault> faults) {
        Consistency rules = new Consistency(config, places, faults);
        rules.batches();
        rules.layout();
        rules.objective();
        rules.schedules();
        rules.model(Keys.MODEL_PATH);
        rules.model(Keys.REFERENCE_PATH);
        rules.files(Keys.DATA_TRAIN);
        rules.files(Keys.EVAL_DATA);
        rules.evaluation();
    }

    private void batches() {
        int macro = config.get(Keys.BATCH_MACRO);
        int mini = config.get(Keys.BATCH_MINI);
        if (macro % mini != 0) {
            add(
                    Keys.BATCH_MACRO,
                    "must be a multiple of batch.mini (" + mini + "), was " + macro + "; the nearest are "
                            + nearestMultiples(macro, mini));
        }
        config.find(Keys.BATCH_MICRO)
                .filter(micro -> micro > mini)
                .ifPresent(micro -> add(Keys.BATCH_MICRO, "must not be above batch.mini (" + mini + "), was " + micro));
    }

    private void layout() {
        if (config.get(Keys.MODEL_PRECISION).equals("bf16")
                && config.get(Keys.MODEL_DTYPE).equals("double")) {
            add(Keys.MODEL_PRECISION, "bf16 contradicts model.dtype double; give one of the two");
        }
        int packing = config.get(Keys.BATCH_PACKING);
        config.find(Keys.DATA_MAX_LENGTH)
                .filter(max -> packing > 0 && packing < max - 1)
                .ifPresent(max -> add(
                        Keys.BATCH_PACKING,
                        "must be at least data.max_length - 1 (" + (max - 1) + "), so that every sequence fits a row"));
        if (config.get(Keys.CHECKPOINT_KEEP_EVERY) > 0 && config.get(Keys.CHECKPOINT_EVERY) == 0) {
            add(Keys.CHECKPOINT_KEEP_EVERY, "keeps what is never written; give checkpoint.every");
        }
        best();
        config.find(Keys.MONITOR_SFT_METRICS)
                .filter(file -> !Files.isReadable(Path.of(file)))
                .ifPresent(file -> add(Keys.MONITOR_SFT_METRICS, "no such file: " + file));
    }

    /** The best checkpoint is one that was written after a step whose NLL is known. */
    private void best() {
        String by = config.get(Keys.CHECKPOINT_BEST_BY);
        if (by.equals("none")) {
            return;
        }
        int checkpoints = config.get(Keys.CHECKPOINT_EVERY);
        int evaluations = config.get(Keys.EVAL_EVERY);
        if (checkpoints == 0) {
            add(Keys.CHECKPOINT_BEST_BY, "chooses among what is never written; give checkpoint.every");
        } else if (by.equals("eval_nll") && (evaluations == 0 || checkpoints % evaluations != 0)) {
            add(
                    Keys.CHECKPOINT_BEST_BY,
                    "eval_nll needs an evaluation right before every checkpoint: checkpoint.every (" + checkpoints
                            + ") must be a multiple of eval.every (" + evaluations + ")");
        }
        if (by.equals("eval_nll") && config.find(Keys.EVAL_DATA).isEmpty()) {
            add(Keys.CHECKPOINT_BEST_BY, "eval_nll is that of eval.data; give eval.data, or choose nll");
        }
    }

    /** What the objective needs beside demonstrations. */
    private void objective() {
        TokenObjective objective;
        try {
            objective = ObjectiveRegistry.create(config.get(Keys.OBJECTIVE_NAME), Map.of());
        } catch (IllegalArgumentException e) {
            return; // reported with the objective's own settings
        }
        untrainable(objective).ifPresent(reason -> add(Keys.OBJECTIVE_NAME, objective.name() + " " + reason));
        int mini = config.get(Keys.BATCH_MINI);
        config.find(Keys.BATCH_MICRO)
                .filter(micro -> objective.scope() == Scope.BATCH && micro < mini)
                .ifPresent(micro -> add(
                        Keys.BATCH_MICRO,
                        "must be batch.mini (" + mini + "), was " + micro + ": " + objective.name()
                                + " has statistics of the whole mini-batch; leave it out, or lower batch.mini"));
    }

    /** Why no configuration can train an objective, if none can. */
    static Optional<String> untrainable(TokenObjective objective) {
        if (objective.scope() == Scope.PAIR) {
            return Optional.of(
                    "compares a chosen with a rejected answer, which no data layout has yet; train it through"
                            + " PsftTrainer, on demonstrations in pairs");
        }
        return objective.columns().contains(Column.ADVANTAGE)
                ? Optional.of("weighs samples of the model by an advantage, which demonstrations do not have")
                : Optional.empty();
    }

    private static String nearestMultiples(int macro, int mini) {
        long above = ((long) macro / mini + 1) * mini;
        return macro < mini ? String.valueOf(above) : (above - mini) + " and " + above;
    }

    private void schedules() {
        if (config.isGiven(Keys.TRAIN_EPOCHS) && config.get(Keys.TRAIN_MAX_STEPS) > 0) {
            add(Keys.TRAIN_MAX_STEPS, "contradicts train.epochs; give one of the two");
        }
        if (config.get(Keys.SFT_WARMUP_STEPS) > 0 && config.get(Keys.SFT_WARMUP_FRACTION) > 0) {
            add(Keys.SFT_WARMUP_FRACTION, "contradicts sft_warmup.macro_steps; give one of the two");
        }
        Refresh.check(config.get(Keys.REFRESH_EVERY)).ifPresent(problem -> add(Keys.REFRESH_EVERY, problem));
    }

    private void model(Key<String> key) {
        config.find(key).ifPresent(text -> {
            Path dir = Bundled.resolve(text);
            if (!Files.isDirectory(dir)) {
                add(key, "no such directory: " + dir.toAbsolutePath());
            } else if (!Files.exists(dir.resolve("config.json"))) {
                add(key, "holds no config.json, so it is no Hugging Face model: " + dir.toAbsolutePath());
            }
        });
    }

    private void files(Key<List<String>> key) {
        for (String text : config.find(key).orElse(List.of())) {
            Path path = Bundled.resolve(text);
            if (!Files.exists(path)) {
                add(key, "no such file or directory: " + path.toAbsolutePath());
            } else if (!Files.isReadable(path)) {
                add(key, "not readable: " + path.toAbsolutePath());
            }
        }
        if (config.find(key).filter(List::isEmpty).isPresent()) {
            add(key, "names no file");
        }
    }

    /** An eval.data that is given without a value switches off what else is said of the evaluation. */
    private void evaluation() {
        if (config.find(Keys.EVAL_DATA).isEmpty() && !places.containsKey(Keys.EVAL_DATA.name())) {
            if (config.get(Keys.EVAL_EVERY) > 0) {
                add(Keys.EVAL_EVERY, "has nothing to evaluate; give eval.data");
            }
            if (!config.get(Keys.EVAL_PROMPTS).isEmpty()) {
                add(Keys.EVAL_PROMPTS, "are continued when eval.data is evaluated; give eval.data");
            }
        }
    }

    private void add(Key<?> key, String problem) {
        faults.add(new Fault(places.getOrDefault(key.name(), key.name()), problem));
    }
}
