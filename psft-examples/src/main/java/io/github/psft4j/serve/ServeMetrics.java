package io.github.psft4j.serve;

import io.github.psft4j.transformer.generation.ContinuousGenerator;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** What the server counts, for Prometheus. */
public final class ServeMetrics {

    /** The content type of {@link #text}. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final double[] SECONDS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final AtomicInteger connections = new AtomicInteger();
    private final Counter requests;
    private final Counter cancelled;
    private final Counter promptTokens;
    private final Counter generatedTokens;
    private final Counter proposedTokens;
    private final Counter acceptedTokens;
    private final Histogram firstToken;
    private final Histogram duration;

    /** Metrics of a server that decodes with the given generator. */
    public ServeMetrics(ContinuousGenerator generator) {
        requests = Counter.builder()
                .name("psft_requests")
                .help("Requests by endpoint and status of HTTP.")
                .labelNames("endpoint", "status")
                .register(registry);
        cancelled = counter("psft_cancelled_requests", "Requests whose client left before the end of the answer.");
        promptTokens = counter("psft_prompt_tokens", "Tokens of the prompts that were taken.");
        generatedTokens = counter("psft_generated_tokens", "Tokens that were generated.");
        proposedTokens = counter("psft_proposed_tokens", "Tokens that were proposed by prompt lookup.");
        acceptedTokens = counter("psft_accepted_tokens", "Proposed tokens that were right.");
        firstToken = histogram("psft_time_to_first_token_seconds", "From a whole request to its first token.");
        duration = histogram("psft_request_seconds", "From a whole request to the end of its answer.");
        gauge("psft_running_sequences", "Sequences that are decoded together now.", generator::running);
        gauge("psft_waiting_sequences", "Sequences that wait for a slot, and prompts for scores.", generator::waiting);
        gauge("psft_connections", "Open connections.", connections::get);
    }

    private Counter counter(String name, String help) {
        return Counter.builder().name(name).help(help).register(registry);
    }

    private Histogram histogram(String name, String help) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
    }

    private interface Count {
        int now();
    }

    private void gauge(String name, String help, Count count) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(count.now()))
                .register(registry);
    }

    /** A request has its answer, which may be an error. */
    public void answered(String endpoint, int status, double seconds) {
        requests.labelValues(endpoint, String.valueOf(status)).inc();
        duration.observe(seconds);
    }

    /** The client of a request has left. */
    public void cancelled() {
        cancelled.inc();
    }

    /** A request is about to be decoded. */
    public void prompt(int tokens) {
        promptTokens.inc(tokens);
    }

    /** A request has its first token. */
    public void first(double seconds) {
        firstToken.observe(seconds);
    }

    /** A token was generated. */
    public void token() {
        generatedTokens.inc();
    }

    /** A sequence has ended, with so many tokens proposed and right among them. */
    public void proposed(int tokens, int accepted) {
        proposedTokens.inc(tokens);
        acceptedTokens.inc(accepted);
    }

    /** Counts a connection, and returns how many are open with it. */
    public int connected() {
        return connections.incrementAndGet();
    }

    /** A connection is closed. */
    public void disconnected() {
        connections.decrementAndGet();
    }

    /** All of it in Prometheus's text format. */
    public byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape(), EscapingScheme.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes every byte", e);
        }
        return out.toByteArray();
    }
}
