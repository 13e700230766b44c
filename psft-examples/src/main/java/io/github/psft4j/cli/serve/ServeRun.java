package io.github.psft4j.cli.serve;

import io.github.psft4j.bench.BenchWords;
import io.github.psft4j.cli.console.Interruption;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.serve.ServeSettings;
import io.github.psft4j.serve.ServedModel;
import io.github.psft4j.serve.http.ApiServer;
import io.github.psft4j.train.memory.GenerationMemory;
import io.github.psft4j.train.memory.ModelNumbers;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.BatchLimits;
import io.github.psft4j.transformer.generation.GenerationConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Serves a model until a signal comes. */
final class ServeRun {

    /** Of the machine's memory, for weights, keys and values. */
    private static final double MEMORY_SHARE = 0.6;

    /** Fewer tokens are served only if they are asked for. */
    private static final int LEAST_CONTEXT = 256;

    private ServeRun() {}

    /** The exit code. */
    static int run(ModelFiles files, String dtype, ServeOptions options, PrintWriter out, PrintWriter err)
            throws InterruptedException {
        check(options);
        Precision precision = BenchWords.precision(options.precision);
        DecoderConfig config = files.check();
        GenerationConfig first = warmUp(options.lookup, config); // refuses a wrong option before the weights are read
        ChatTemplate template = files.template(options.chatTemplate);
        try (Tokenizer tokenizer = files.tokenizer()) {
            if (tokenizer == null) {
                throw new RefusedException(files.dir() + " has no tokenizer.json, and requests are texts");
            }
        }
        int width = ModelFiles.type(dtype).width();
        BatchLimits limits = new BatchLimits(options.slots, context(config, width, precision, options), options.queue);
        CausalLm model = files.load(dtype, precision);
        Set<Integer> ends = files.endOfSequence();
        warmUp(model, first);
        CountDownLatch stop = new CountDownLatch(1);
        try (ServedModel served = new ServedModel(name(files, options), model, template, ends, limits, options.lookup);
                Interruption signals = new Interruption(
                        stop::countDown,
                        "stopping when the requests that are here are answered; the same again stops at once",
                        "stopped at once",
                        err);
                ApiServer server = new ApiServer(settings(options), served)) {
            out.println(Shown.format(
                    "serving %s on http://%s:%d/v1: %d sequences of at most %,d tokens at a time%s",
                    served.name(),
                    options.host.contains(":") ? "[" + options.host + "]" : options.host,
                    server.port(),
                    options.slots,
                    served.generator().longest(),
                    template == null ? "; no chat template, so completions only" : ""));
            out.flush();
            stop.await();
            if (!server.stop(Duration.ofSeconds(options.grace))) {
                err.println("psft: some requests were cut off; --grace gives them more time");
            }
            return signals.exitCode();
        }
    }

    private static String name(ModelFiles files, ServeOptions options) {
        return options.name != null
                ? options.name
                : files.dir().toAbsolutePath().normalize().getFileName().toString();
    }

    private static void check(ServeOptions o) {
        for (Map.Entry<String, Integer> positive : Map.of(
                        "--slots", o.slots,
                        "--queue", o.queue,
                        "--max-choices", o.choices,
                        "--max-body", o.body,
                        "--max-connections", o.connections,
                        "--timeout", o.timeout,
                        "--idle", o.idle)
                .entrySet()) {
            if (positive.getValue() < 1) {
                throw new RefusedException(positive.getKey() + " must be 1 or more, was " + positive.getValue());
            }
        }
        if (o.port < 0 || o.port > 65_535 || o.context < 0 || o.context == 1 || o.grace < 0) {
            throw new RefusedException("--port must be 0 to 65535, --context 0 (default) or at least 2, --grace 0 or"
                    + " more; they were " + o.port + ", " + o.context + " and " + o.grace);
        }
        if (o.apiKey != null && o.apiKey.isBlank()) {
            throw new RefusedException("the API key (--api-key, PSFT_API_KEY) is blank; leave it out for none");
        }
    }

    private static ServeSettings settings(ServeOptions o) {
        return new ServeSettings(
                o.host,
                o.port,
                o.apiKey,
                o.body,
                o.choices,
                o.connections,
                Duration.ofSeconds(o.timeout),
                Duration.ofSeconds(o.idle));
    }

    /** Most tokens of a sequence, so that the keys and values of all slots fit the memory beside the weights. */
    private static int context(DecoderConfig config, int width, Precision precision, ServeOptions options) {
        ModelNumbers numbers = ModelNumbers.of(config, width, precision);
        long perToken = GenerationMemory.perToken(numbers) * options.slots;
        long there = MachineMemory.physical() == 0 ? Long.MAX_VALUE : MachineMemory.physical();
        long room = Math.max(0, (long) (MEMORY_SHARE * there) - GenerationMemory.weights(numbers));
        long fits = room / perToken;
        int wanted = options.context == 0 ? Math.min(LEAST_CONTEXT, config.longestSequence()) : options.context;
        if (options.context == 0 && fits >= wanted) {
            return (int) Math.min(config.longestSequence(), fits);
        }
        if (options.context > config.longestSequence()) {
            throw new RefusedException("--context " + options.context + " is more than the model's "
                    + config.longestSequence() + " positions");
        }
        if (wanted > fits) {
            throw new RefusedException(Shown.format(
                    "keys and values of %d sequences of %,d tokens take %,d MB; this machine has %,d MB for them beside"
                            + " the weights, which holds %,d tokens each; lower --slots or --context",
                    options.slots, wanted, perToken * wanted >> 20, room >> 20, fits));
        }
        return wanted;
    }

    /** The first requests would otherwise wait for classes and converted weights. */
    private static void warmUp(CausalLm model, GenerationConfig settings) {
        int[] prompt = {Math.max(0, model.config().bosTokenId())};
        model.generate(List.of(prompt), settings);
    }

    private static GenerationConfig warmUp(int lookup, DecoderConfig config) {
        try {
            return GenerationConfig.builder()
                    .maxNewTokens(Math.min(8, config.longestSequence() - 1))
                    .lookup(lookup)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new RefusedException("--" + e.getMessage(), e);
        }
    }
}
