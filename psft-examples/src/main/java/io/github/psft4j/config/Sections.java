package io.github.psft4j.config;

import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.options.Truncation;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.model.FrozenType;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.optimizer.Schedule;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sections of a configuration. Each is a record whose components are its settings; the trainer's own records are
 * sections as well. Loading, {@code psft config keys}, the table in docs/cli.md and config.resolved.yaml are made from
 * them. Parameters of an objective are the one exception: each objective declares its own.
 */
public final class Sections {

    /** Section to record, in the order of the documentation. */
    static final Map<String, Class<? extends Record>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("run", Run.class);
        ALL.put("model", Model.class);
        ALL.put("lora", Lora.class);
        ALL.put("data", Data.class);
        ALL.put("objective", Objective.class);
        ALL.put("reference", Reference.class);
        ALL.put("batch", Batch.class);
        ALL.put("train", Training.class);
        ALL.put("optimizer", Optimizer.class);
        ALL.put("schedule", Schedule.class);
        ALL.put("sft_warmup", WarmupSchedule.class);
        ALL.put("refresh", Refresh.class);
        ALL.put("rollout", SamplingSettings.class);
        ALL.put("rollout_training", RolloutSettings.class);
        ALL.put("advantage", AdvantageSettings.class);
        ALL.put("critic", Critic.class);
        ALL.put("reward_kl", RewardKl.class);
        ALL.put("reward", RewardSection.class);
        ALL.put("eval", Eval.class);
        ALL.put("monitor", Monitor.class);
        ALL.put("checkpoint", Checkpoint.class);
    }

    /** Settings of which only one can be given. */
    static final Map<String, String> ALTERNATIVES =
            Map.of("train.epochs", "train.max_steps", "sft_warmup.macro_steps", "sft_warmup.fraction");

    private Sections() {}

    /** All settings by name. */
    static Map<String, Key> keys() {
        return keys(ALL);
    }

    static Map<String, Key> keys(Map<String, Class<? extends Record>> sections) {
        Map<String, Key> out = new LinkedHashMap<>();
        sections.forEach((section, type) -> Setting.of(type).forEach(setting -> {
            Key key = new Key(section, setting, KeyTypes.of(setting));
            out.put(key.name(), key);
        }));
        return out;
    }

    /** The run as a whole. */
    public record Run(
            @Doc("Run directory; default: runs/ and the name of the configuration file without its ending.")
            @Value(otherwise = "runs/FILE")
            @Text(value = "a directory", path = true)
            String dir,

            @Doc("Whether a run that is in the directory already may be replaced.") @Value(initial = "false")
            boolean overwrite,

            @Doc("Seed of the data order and of sample generations.") @Value(initial = "42")
            long seed,

            @Doc("Worker threads, 0 for all processors. Results repeat bit for bit at the same number of threads.")
            @Value(initial = "0", range = ">= 0")
            int threads) {}

    /** The model to train. */
    public record Model(
            @Doc("Hugging Face directory of the model to train (config.json, model.safetensors or shards,"
                    + " tokenizer.json), or adapter directory of PEFT, whose adapter is trained on;"
                    + " bundled:NAME for a model that comes with psft.")
            @Text(value = "a directory", path = true)
            String path,

            @Doc("Base model of the adapter in model.path; default the path in its adapter_config.json.")
            @Value(otherwise = "adapter's")
            @Text(value = "a directory", path = true)
            String base,

            @Doc("Type of weights and arithmetic in memory.") @Value(initial = "float") @Words({"float", "double"})
            String dtype,

            @Doc("Operands of the linear layers: as they are, or rounded to bfloat16 with sums in float, about twice as"
                    + " fast on processors with the instructions for it and refused on others. Weights stay in"
                    + " model.dtype. int8 is for generation; training refuses it.")
            @Value(initial = "f32")
            Precision precision,

            @Doc("Type of the frozen matrices under an adapter: bf16 takes half the memory; auto is bf16 for a base"
                    + " whose files are in bf16, and f32 for another, so that no bit changes. What is computed follows"
                    + " model.precision.")
            @Value(initial = "auto")
            FrozenType frozen,

            @Doc("Type of the weights in final/; auto is the type that model.path has. f16 and bf16 take half the space"
                    + " and round what was trained; checkpoints keep every bit.")
            @Value(initial = "auto")
            @Words({"auto", "f32", "bf16", "f16"})
            String saveDtype) {}

    /** The demonstrations. */
    public record Data(
            @Doc("JSONL, JSON, CSV, TSV (also .gz, .zst) or Parquet files, or directories of them, whose test,"
                    + " validation, dev and eval files are left out; bundled:NAME for data that come with psft. For an"
                    + " objective that trains samples, such as grpo: the prompts, with the columns that rewards read.")
            @Text(value = "files or directories", path = true)
            List<String> train,

            @Doc("How rows spell demonstrations; auto goes by the columns of the first row.")
            @Value(initial = "auto")
            @Words({
                "auto",
                "messages",
                "prompt_completion",
                "prompt_demonstration",
                "question_answer",
                "problem_solution",
                "alpaca",
                "dolly",
                "query_response",
                "text",
                "tokens",
                "preference",
                "unpaired_preference"
            })
            String layout,

            @Doc("Which column holds a field of the layout, where the names differ.")
            @Value(initial = "")
            @Text("names of fields with a column each, such as {question: problem}")
            Map<String, String> columns,

            @Doc("How often an epoch shows the demonstrations of a file or directory of data.train: 2 twice, 0.5 a half"
                    + " drawn by run.seed, 0 never; 1 for those that are not named.")
            @Value(initial = "")
            @Text("paths of data.train with a number each, such as {math.jsonl: 2, chat.jsonl: 0.5}")
            Map<String, String> mix,

            @Doc("Held out of data.train and evaluated like eval.data: below 1 a part of the demonstrations, from 1 on"
                    + " their number; drawn by run.seed.")
            @Value(initial = "0", range = ">= 0")
            double validationSplit,

            @Doc("Which tokens are trained: the completion, whatever the assistant says, or all; auto goes by the"
                    + " layout.")
            @Value(initial = "auto")
            LossOn lossOn,

            @Doc("Most tokens of a demonstration; data.truncation says what happens to longer ones.")
            @Value(otherwise = "model's positions + 1", range = ">= 2")
            Integer maxLength,

            @Doc("Demonstrations longer than data.max_length are left out, cut, or refused; they are counted.")
            @Value(initial = "drop")
            Truncation truncation,

            @Doc("Whether the end-of-sequence token is appended to completions and trained, where it is not there yet.")
            @Value(initial = "true")
            boolean appendEos,

            @Doc("Id of the end-of-sequence token.") @Value(otherwise = "tokenizer's", range = ">= 0")
            Integer eosTokenId,

            @Doc("Appended to prompts that are text, \"\" for nothing; default a line break for question_answer,"
                    + " nothing"
                    + " for others.")
            @Value(otherwise = "by layout")
            @Text(value = "text", orEmpty = true)
            String promptSuffix,

            @Doc("Whether prompts that are text become a user message of the model's chat template.")
            @Value(initial = "false")
            boolean promptAsUserMessage,

            @Doc("Chat template in place of the model's: a file, or chatml, gemma, llama3, mistral, phi3,"
                    + " qwen2.5, qwen3 or zephyr, which come with psft.")
            @Value(otherwise = "model's")
            @Text("a file or a name")
            String chatTemplate,

            @Doc("Rows that are no demonstration stop the run, or are left out and counted.") @Value(initial = "error")
            BadRows badRows,

            @Doc("Rows to read at most, 0 for all.") @Value(initial = "0", range = ">= 0")
            int maxRows,

            @Doc("Where tokens are kept for later runs on the same data; default a temporary file.")
            @Value(otherwise = "temporary")
            @Text(value = "a directory", path = true)
            String cacheDir,

            @Doc("Whether every epoch has an order of its own, drawn from run.seed; false keeps the order of the"
                    + " files.")
            @Value(initial = "true")
            boolean shuffle) {}

    /** What is minimised. */
    public record Objective(
            @Doc("What is minimised. The other settings of this section are the parameters of that objective, e.g."
                    + " eps_high for psft; \"psft config keys objective\" lists all.")
            @Value(initial = "psft")
            @Text("the name of an objective")
            String name,

            @Doc("How token losses become one number (token_mean for psft and sft), over the whole mini-batch: the mean"
                    + " over its tokens, the mean over sequences of their token means or sums, or the plain sum.")
            @Value(otherwise = "the objective's")
            @Words({"token_mean", "sequence_mean_token_mean", "sequence_mean_token_sum", "sum"})
            Aggregation aggregation) {}

    /** The evaluation on held-out demonstrations. */
    public record Eval(
            @Doc("Held-out demonstrations in the layout of data.train; their NLL is measured before, during and after.")
            @Value(otherwise = "none")
            @Text(value = "files or directories", path = true)
            List<String> data,

            @Doc("Evaluation tasks that are run at every evaluation: YAML files, or names of \"psft eval --list\".")
            @Value(initial = "")
            @Text("files or names of tasks")
            List<String> tasks,

            @Doc("Optimizer steps between two evaluations, 0 for none but the first and the last.")
            @Value(initial = "0", range = ">= 0")
            int every,

            @Doc("Sequences per forward pass of an evaluation.") @Value(initial = "8", range = ">= 1")
            int batch,

            @Doc("Texts that every evaluation answers, to look at; needs eval.data. Each is a user message if the model"
                    + " has a chat template.")
            @Value(initial = "")
            @Text(value = "texts", orEmpty = true)
            List<String> prompts,

            @Doc("Whether eval.prompts are continued as they are, without the chat template.") @Value(initial = "false")
            boolean rawPrompts,

            @Doc("Whether eval.data and the questions of eval.tasks are looked for in data.train, for the report; reads"
                    + " data.train once more.")
            @Value(initial = "true")
            boolean overlap,

            @Doc("Tokens per sample generation.") @Value(initial = "64", range = ">= 1")
            int maxNewTokens,

            @Doc("Temperature of sample generations, 0 for greedy.") @Value(initial = "0", range = ">= 0")
            double temperature,

            @Doc("Early stopping: evaluations in a row without a lower NLL after which the run ends; 0 for none.")
            @Value(initial = "0", range = ">= 0")
            int patience,

            @Doc("By how much an NLL must be lower to count for eval.patience, nats/token.")
            @Value(initial = "0", range = ">= 0")
            double minDelta) {}

    /** The records that a run writes. */
    public record Monitor(
            @Doc("What is written as well as metrics.jsonl: report.html; warnings.jsonl (known ways to fail, with a"
                    + " remedy);"
                    + " clipped-tokens.json (which tokens the clip stopped); metrics.csv; tensorboard/ (event"
                    + " files);"
                    + " mlflow.")
            @Value(initial = "report, warnings, clipped_tokens")
            @Words({"report", "warnings", "clipped_tokens", "csv", "tensorboard", "mlflow"})
            List<String> listeners,

            @Doc("metrics.jsonl of an SFT run on the same data; a warning fires if the NLL stays far above it.")
            @Value(otherwise = "none")
            @Text(value = "a file", path = true)
            String sftMetrics,

            @Doc("MLflow server, or a directory for a file store, which MLflow 3 reads with"
                    + " MLFLOW_ALLOW_FILE_STORE=true only; default MLFLOW_TRACKING_URI of the environment, or else"
                    + " mlflow/ in run.dir. MLFLOW_TRACKING_TOKEN authorises.")
            @Value(otherwise = "environment's")
            @Text(value = "http(s)://HOST:PORT or a directory", path = true)
            String mlflowUri,

            @Doc("Experiment that the run belongs to.") @Value(initial = "psft") @Text("a name")
            String mlflowExperiment) {}

    /** Checkpoints that a run can be resumed from. */
    public record Checkpoint(
            @Doc("Optimizer steps between two checkpoints (step-NNNNNNNN in the run directory), which --resume goes on"
                    + " from; 0 for none.")
            @Value(initial = "0", range = ">= 0")
            int every,

            @Doc("Newest checkpoints that stay.") @Value(initial = "2", range = ">= 1")
            int keep,

            @Doc("Checkpoints at multiples of this step stay as well, 0 for none.")
            @Value(initial = "0", range = ">= 0")
            int keepEvery,

            @Doc("Keeps the checkpoint with the lowest held-out NLL (eval_nll), the best figure of the first of"
                    + " eval.tasks (eval_task; for both checkpoint.every must be a multiple of eval.every) or the"
                    + " lowest NLL of its own mini-batch (nll) as well.")
            @Value(initial = "none")
            @Words({"none", "eval_nll", "eval_task", "nll"})
            String bestBy,

            @Doc("Whether final/ gets the weights of the best checkpoint (checkpoint.best_by) instead of the last"
                    + " ones.")
            @Value(initial = "false")
            boolean loadBest,

            @Doc("Whether checkpoints are written during training, from a copy that takes three times the weights in"
                    + " memory.")
            @Value(initial = "true")
            boolean asynchronous,

            @Doc("Directory of a file system of Hadoop that gets a copy of each checkpoint and of final/. --resume auto"
                    + " fetches a copy that is newer than all of the run directory. Needs --cluster.")
            @Value(otherwise = "none")
            @Text("a URI such as hdfs://HOST/runs/1")
            String copyTo) {}
}
