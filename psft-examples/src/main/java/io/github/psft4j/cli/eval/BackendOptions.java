package io.github.psft4j.cli.eval;

import io.github.psft4j.bench.BenchWords;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.cli.input.ThreadsOption;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.eval.backend.Backend;
import io.github.psft4j.eval.backend.GivenCompletions;
import io.github.psft4j.eval.backend.LocalBackend;
import io.github.psft4j.eval.backend.OpenAiBackend;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.ModelFingerprint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who answers: a model, an endpoint, or a file of completions. */
final class BackendOptions {

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Hugging Face directory, adapter directory of PEFT, checkpoint, or bundled:NAME; with"
                    + " --endpoint the name of the model there, by default its only one.")
    private String model;

    @Option(
            names = "--base",
            paramLabel = "DIR",
            description = "Base model of an adapter; default the path in its adapter_config.json.")
    private String base;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float",
            description = "float (default) or double: weights and arithmetic.")
    private String dtype;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "f32",
            description = "f32 (default); bf16: weights of two bytes, and products in bf16 where the CPU has them;"
                    + " int8: weights of one byte.")
    private String precision;

    @Mixin
    private ThreadsOption threads;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Sequences at a time; default 16. Each has a cache of keys and values.")
    private int batch;

    @Option(
            names = "--chat-template",
            paramLabel = "NAME|FILE",
            description = "Chat template in place of the model's: a file, or a name as for data.chat_template.")
    private String chatTemplate;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Address of an OpenAI-compatible server, such as http://127.0.0.1:8080/v1, in place of a"
                    + " model directory.")
    private String endpoint;

    @Option(
            names = "--api-key-variable",
            paramLabel = "NAME",
            description = "Environment variable with the key for the endpoint; default none.")
    private String keyVariable;

    @Option(
            names = "--concurrent",
            paramLabel = "N",
            defaultValue = "8",
            description = "Requests to the endpoint at the same time; default 8.")
    private int concurrent;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "Longest time of a request; default 600.")
    private int timeout;

    @Option(
            names = "--retries",
            paramLabel = "N",
            defaultValue = "4",
            description = "Further attempts while the endpoint is away or busy; default 4.")
    private int retries;

    @Option(
            names = "--completions",
            paramLabel = "FILE",
            description = "Judge completions that another program wrote, in place of asking a model: a file with"
                    + " completions (or samples, as items.jsonl has them) for each question.")
    private Path completions;

    /** Call this before the first class of the kernels is used. */
    void prepare() {
        threads.prepare();
    }

    /** Refuses what contradicts each other. */
    void check() {
        boolean given = completions != null;
        if (given && (model != null || endpoint != null)) {
            throw new RefusedException("--completions are judged without a model; leave out --model and --endpoint");
        }
        if (!given && model == null && endpoint == null) {
            throw new RefusedException("nobody answers; give --model DIR, --endpoint URL or --completions FILE");
        }
        if (batch < 1 || timeout < 1 || retries < 0 || concurrent < 1) {
            throw new RefusedException("--batch, --timeout and --concurrent must be 1 or more, --retries 0 or more");
        }
    }

    /** The backend, to be closed. */
    Backend open() {
        if (completions != null) {
            return new GivenCompletions(completions);
        }
        return endpoint != null
                ? OpenAiBackend.connect(endpoint, model, key(), true, concurrent, Duration.ofSeconds(timeout), retries)
                : local();
    }

    private String key() {
        if (keyVariable == null) {
            return null;
        }
        String key = System.getenv(keyVariable);
        if (key == null) {
            throw new RefusedException(
                    "--api-key-variable must name an environment variable that is set, was " + keyVariable);
        }
        return key;
    }

    private Backend local() {
        ModelFiles.type(dtype);
        ModelFiles files = ModelFiles.of(Bundled.resolve(model), base);
        files.check();
        ChatTemplate template = files.template(chatTemplate);
        CausalLm loaded = files.load(dtype, BenchWords.precision(precision));
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("model", model);
        identity.put("model_sha256", ModelFingerprint.of(loaded));
        identity.put("dtype", dtype);
        return new LocalBackend(loaded, template, identity, batch);
    }
}
