package io.github.psft4j.config;

import static io.github.psft4j.config.KeyTypes.anyText;
import static io.github.psft4j.config.KeyTypes.bool;
import static io.github.psft4j.config.KeyTypes.integer;
import static io.github.psft4j.config.KeyTypes.list;
import static io.github.psft4j.config.KeyTypes.longNumber;
import static io.github.psft4j.config.KeyTypes.oneOf;
import static io.github.psft4j.config.KeyTypes.pair;
import static io.github.psft4j.config.KeyTypes.path;
import static io.github.psft4j.config.KeyTypes.real;
import static io.github.psft4j.config.KeyTypes.string;
import static io.github.psft4j.config.KeyTypes.texts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every setting of a run: the one place where names, types, ranges, defaults and documentation stand. The help, {@code
 * psft config keys}, the table in docs/cli.md and validation are made from it. Parameters of an objective are the one
 * exception: each objective declares its own, and they are settings {@code objective.NAME}.
 */
public final class Keys {

    private static final List<Key<?>> ALL = new ArrayList<>();

    // ---- run

    public static final Key<String> RUN_DIR = key(
            "run.dir",
            path("a directory"),
            null,
            "runs/FILE",
            "Run directory; default: runs/ and the name of the configuration file without its ending.");
    public static final Key<Boolean> RUN_OVERWRITE =
            key("run.overwrite", bool(), false, "Whether a run that is in the directory already may be replaced.");
    public static final Key<Long> RUN_SEED =
            key("run.seed", longNumber(), 42L, "Seed of the data order and of sample generations.");
    public static final Key<Integer> RUN_THREADS = key(
            "run.threads",
            integer(0),
            0,
            "Worker threads, 0 for all processors. Results repeat bit for bit at the same number of threads.");

    // ---- model

    public static final Key<String> MODEL_PATH = key(
            "model.path",
            path("a directory"),
            null,
            "required",
            "Hugging Face directory of the model to train (config.json, model.safetensors or shards, tokenizer.json);"
                    + " bundled:NAME for a model that comes with psft.");
    public static final Key<String> MODEL_DTYPE =
            key("model.dtype", oneOf("float", "double"), "float", "Type of weights and arithmetic in memory.");

    public static final Key<String> MODEL_PRECISION = key(
            "model.precision",
            oneOf("f32", "bf16"),
            "f32",
            "Operands of the linear layers: as they are, or rounded to bfloat16 with sums in float, about twice as fast on"
                    + " processors with the instructions for it and refused on others. Weights stay in model.dtype.");

    // ---- data

    public static final Key<List<String>> DATA_TRAIN = key(
            "data.train",
            list(path("a file or directory"), "files or directories"),
            null,
            "required",
            "JSONL (also .gz) or Parquet files, or directories of them; bundled:NAME for data that come with psft.");
    public static final Key<String> DATA_LAYOUT = key(
            "data.layout",
            oneOf("auto", "messages", "prompt_completion", "prompt_demonstration", "question_answer", "text", "tokens"),
            "auto",
            "How rows spell demonstrations; auto goes by the columns of the first row.");
    public static final Key<Map<String, String>> DATA_COLUMNS = key(
            "data.columns",
            texts("names of fields with a column each, such as {question: problem}"),
            Map.of(),
            "Which column holds a field of the layout, where the names differ.");
    public static final Key<String> DATA_LOSS_ON = key(
            "data.loss_on",
            oneOf("auto", "completion", "assistant", "all"),
            "auto",
            "Which tokens are trained: the completion, whatever the assistant says, or all; auto goes by the layout.");
    public static final Key<Integer> DATA_MAX_LENGTH = key(
            "data.max_length",
            integer(2),
            null,
            "model's positions + 1",
            "Most tokens of a demonstration; data.truncation says what happens to longer ones.");
    public static final Key<String> DATA_TRUNCATION = key(
            "data.truncation",
            oneOf("drop", "keep_start", "error"),
            "drop",
            "Demonstrations longer than data.max_length are left out, cut, or refused; they are counted.");
    public static final Key<Boolean> DATA_APPEND_EOS = key(
            "data.append_eos",
            bool(),
            true,
            "Whether the end-of-sequence token is appended to completions and trained, where it is not there yet.");
    public static final Key<Integer> DATA_EOS_TOKEN_ID =
            key("data.eos_token_id", integer(0), null, "tokenizer's", "Id of the end-of-sequence token.");
    public static final Key<String> DATA_PROMPT_SUFFIX = key(
            "data.prompt_suffix",
            anyText(),
            null,
            "by layout",
            "Appended to prompts that are text, \"\" for nothing; default a line break for question_answer, nothing for"
                    + " others.");
    public static final Key<Boolean> DATA_PROMPT_AS_USER_MESSAGE = key(
            "data.prompt_as_user_message",
            bool(),
            false,
            "Whether prompts that are text become a user message of the model's chat template.");
    public static final Key<String> DATA_BAD_ROWS = key(
            "data.bad_rows",
            oneOf("error", "drop"),
            "error",
            "Rows that are no demonstration stop the run, or are left out and counted.");
    public static final Key<Integer> DATA_MAX_ROWS =
            key("data.max_rows", integer(0), 0, "Rows to read at most, 0 for all.");
    public static final Key<String> DATA_CACHE_DIR = key(
            "data.cache_dir",
            path("a directory"),
            null,
            "temporary",
            "Where tokens are kept for later runs on the same data; default a temporary file.");
    public static final Key<Boolean> DATA_SHUFFLE = key(
            "data.shuffle",
            bool(),
            true,
            "Whether every epoch has an order of its own, drawn from run.seed; false keeps the order of the files.");

    // ---- objective

    public static final Key<String> OBJECTIVE_NAME = key(
            "objective.name",
            string("the name of an objective"),
            "psft",
            "What is minimised. The other settings of this section are the parameters of that objective, e.g."
                    + " eps_high for psft; \"psft config keys objective\" lists all.");
    public static final Key<String> OBJECTIVE_AGGREGATION = key(
            "objective.aggregation",
            oneOf("token_mean", "sequence_mean_token_mean", "sequence_mean_token_sum", "sum"),
            null,
            "the objective's",
            "How token losses become one number (token_mean for psft and sft), over the whole mini-batch: the mean over its tokens, the mean over"
                    + " sequences of their token means or sums, or the plain sum.");

    // ---- reference

    public static final Key<String> REFERENCE_PATH = key(
            "reference.path",
            path("a directory"),
            null,
            "model.path",
            "Frozen model that objectives such as asft compare with, by default the model before its training; loaded only if"
                    + " the objective needs one.");
    public static final Key<String> REFERENCE_CACHE_DIR = key(
            "reference.cache_dir",
            path("a directory"),
            null,
            "none",
            "Where token log-probs of the reference are kept for the next run with the same model and data.");

    // ---- batch

    public static final Key<Integer> BATCH_MACRO = key(
            "batch.macro", integer(1), 64, "Sequences per refresh of pi_old (train_batch_size of the paper's code).");
    public static final Key<Integer> BATCH_MINI = key(
            "batch.mini",
            integer(1),
            8,
            "Sequences per optimizer step (ppo_mini_batch_size); batch.macro is a multiple of it.");
    public static final Key<Integer> BATCH_MICRO = key(
            "batch.micro",
            integer(1),
            null,
            "batch.mini",
            "Sequences per forward and backward pass; smaller saves memory and never changes the result.");

    public static final Key<Integer> BATCH_PACKING = key(
            "batch.packing",
            integer(0),
            0,
            "Packs the sequences of a micro-batch into rows of at most this many tokens, best fit first, without seeing"
                    + " each other; 0 pads them instead. Changes the cost, not the result.");
    public static final Key<Boolean> BATCH_LENGTH_GROUPING = key(
            "batch.length_grouping",
            bool(),
            false,
            "Cuts a mini-batch into micro-batches in the order of length, so that little is padded. Changes the cost,"
                    + " not the result.");

    // ---- train

    public static final Key<Integer> TRAIN_EPOCHS =
            key("train.epochs", integer(1), 1, "Passes over the data, unless train.max_steps is given.");
    public static final Key<Integer> TRAIN_MAX_STEPS =
            key("train.max_steps", integer(0), 0, "Optimizer steps in all, 0 for whole epochs.");
    public static final Key<Integer> TRAIN_MAX_SKIPPED = key(
            "train.max_skipped_in_a_row",
            integer(1),
            5,
            "Steps in a row with a loss or gradient that is not finite after which the run stops with exit code 3.");

    public static final Key<Double> TRAIN_NEFTUNE = key(
            "train.neftune",
            real(">= 0", n -> n >= 0),
            0.0,
            "NEFTune: noise of this strength on the embeddings while training, 0 for none.");

    // ---- optimizer

    public static final Key<Double> OPTIMIZER_LR =
            key("optimizer.lr", real("> 0", n -> n > 0), 1e-6, "Peak learning rate of AdamW.");
    public static final Key<List<Double>> OPTIMIZER_BETAS = key(
            "optimizer.betas",
            pair(real(">= 0 and < 1", n -> n >= 0 && n < 1), "two numbers >= 0 and < 1"),
            List.of(0.9, 0.999),
            "Decay of AdamW's first and second moment.");
    public static final Key<Double> OPTIMIZER_EPS =
            key("optimizer.eps", real("> 0", n -> n > 0), 1e-8, "Added to the root of AdamW's second moment.");
    public static final Key<Double> OPTIMIZER_WEIGHT_DECAY =
            key("optimizer.weight_decay", real(">= 0", n -> n >= 0), 0.1, "Decoupled weight decay.");
    public static final Key<String> OPTIMIZER_DECAY = key(
            "optimizer.decay",
            oneOf("all", "matrices"),
            "all",
            "Which parameters decay: all (PyTorch's AdamW given model.parameters()) or only those of rank 2 and more,"
                    + " which leaves out biases and norm gains.");
    public static final Key<Double> OPTIMIZER_MAX_GRAD_NORM = key(
            "optimizer.max_grad_norm",
            real(">= 0", n -> n >= 0),
            1.0,
            "Bound on the global gradient norm, 0 for none.");

    // ---- schedule

    public static final Key<String> SCHEDULE_SHAPE = key(
            "schedule.shape",
            oneOf("constant", "linear", "cosine"),
            "constant",
            "Learning rate after its warm-up: stays, or falls to 0 on a line or half a cosine.");
    public static final Key<Integer> SCHEDULE_WARMUP_STEPS = key(
            "schedule.warmup_steps",
            integer(0),
            10,
            "Optimizer steps over which the learning rate rises on a line; step 1 has 1/warmup_steps of it.");

    // ---- sft_warmup

    public static final Key<Integer> SFT_WARMUP_STEPS = key(
            "sft_warmup.macro_steps",
            integer(0),
            0,
            "Macro-batches of plain SFT before the objective takes over (the paper's \"PSFT with warm-up n\").");
    public static final Key<Double> SFT_WARMUP_FRACTION = key(
            "sft_warmup.fraction",
            real("in [0, 1]", n -> n >= 0 && n <= 1),
            0.0,
            "The same as a part of all macro-batches; give one of the two.");

    // ---- refresh

    public static final Key<String> REFRESH_EVERY = key(
            "refresh.every",
            string("macro, never or a number of optimizer steps >= 1"),
            "macro",
            "When pi_old is taken anew: macro (every macro-batch), never (a fixed reference) or a number of optimizer"
                    + " steps.");

    // ---- eval

    public static final Key<List<String>> EVAL_DATA = key(
            "eval.data",
            list(path("a file or directory"), "files or directories"),
            null,
            "none",
            "Held-out demonstrations in the layout of data.train; their NLL is measured before, during and after.");
    public static final Key<Integer> EVAL_EVERY = key(
            "eval.every",
            integer(0),
            0,
            "Optimizer steps between two evaluations on eval.data, 0 for none but the first and the last.");
    public static final Key<Integer> EVAL_BATCH =
            key("eval.batch", integer(1), 8, "Sequences per forward pass of an evaluation.");
    public static final Key<List<String>> EVAL_PROMPTS = key(
            "eval.prompts",
            list(anyText(), "texts"),
            List.of(),
            "Texts that every evaluation continues, to look at; needs eval.data.");
    public static final Key<Integer> EVAL_MAX_NEW_TOKENS =
            key("eval.max_new_tokens", integer(1), 64, "Tokens per sample generation.");
    public static final Key<Double> EVAL_TEMPERATURE =
            key("eval.temperature", real(">= 0", n -> n >= 0), 0.0, "Temperature of sample generations, 0 for greedy.");

    // ---- monitor

    public static final Key<List<String>> MONITOR_LISTENERS = key(
            "monitor.listeners",
            list(
                    oneOf("report", "warnings", "clipped_tokens", "csv", "tensorboard", "mlflow"),
                    "some of report, warnings, clipped_tokens, csv, tensorboard and mlflow"),
            List.of("report", "warnings", "clipped_tokens"),
            "What is written beside metrics.jsonl: report.html; warnings.jsonl (known ways to fail, with a remedy);"
                    + " clipped-tokens.json (which tokens the clip stopped); metrics.csv; tensorboard/ (event files);"
                    + " mlflow.");
    public static final Key<String> MONITOR_SFT_METRICS = key(
            "monitor.sft_metrics",
            path("a file"),
            null,
            "none",
            "metrics.jsonl of an SFT run on the same data; a warning fires if the NLL stays far above it.");
    public static final Key<String> MONITOR_MLFLOW_URI = key(
            "monitor.mlflow_uri",
            path("http(s)://HOST:PORT or a directory"),
            "mlruns",
            "MLflow server, or directory of its file store. MLFLOW_TRACKING_TOKEN in the environment authorises.");
    public static final Key<String> MONITOR_MLFLOW_EXPERIMENT =
            key("monitor.mlflow_experiment", string("a name"), "psft", "Experiment that the run belongs to.");

    // ---- checkpoint

    public static final Key<Integer> CHECKPOINT_EVERY = key(
            "checkpoint.every",
            integer(0),
            0,
            "Optimizer steps between two checkpoints (step-NNNNNNNN in the run directory), which --resume goes on from;"
                    + " 0 for none.");
    public static final Key<Integer> CHECKPOINT_KEEP =
            key("checkpoint.keep", integer(1), 2, "Newest checkpoints that stay.");
    public static final Key<Integer> CHECKPOINT_KEEP_EVERY = key(
            "checkpoint.keep_every", integer(0), 0, "Checkpoints at multiples of this step stay as well, 0 for none.");
    public static final Key<String> CHECKPOINT_BEST_BY = key(
            "checkpoint.best_by",
            oneOf("none", "eval_nll", "nll"),
            "none",
            "Keeps the checkpoint with the lowest held-out NLL (eval_nll; checkpoint.every must be a multiple of eval.every)"
                    + " or NLL of its own mini-batch (nll) as well.");
    public static final Key<Boolean> CHECKPOINT_ASYNCHRONOUS = key(
            "checkpoint.asynchronous",
            bool(),
            true,
            "Whether checkpoints are written beside training, from a copy that takes three times the weights in memory.");

    /** Settings of which only one can be given. */
    static final Map<Key<?>, Key<?>> ALTERNATIVES =
            Map.of(TRAIN_EPOCHS, TRAIN_MAX_STEPS, SFT_WARMUP_STEPS, SFT_WARMUP_FRACTION);

    private Keys() {}

    private static <T> Key<T> key(String name, KeyType<T> type, T defaultValue, String doc) {
        return key(name, type, defaultValue, "", doc);
    }

    private static <T> Key<T> key(String name, KeyType<T> type, T defaultValue, String defaultText, String doc) {
        Key<T> key = new Key<>(name, type, defaultValue, defaultText, doc);
        ALL.add(key);
        return key;
    }

    /** All settings, in the order of the documentation. */
    public static List<Key<?>> all() {
        return List.copyOf(ALL);
    }

    /** All settings by name. */
    static Map<String, Key<?>> byName() {
        Map<String, Key<?>> out = new LinkedHashMap<>();
        ALL.forEach(key -> out.put(key.name(), key));
        return out;
    }
}
