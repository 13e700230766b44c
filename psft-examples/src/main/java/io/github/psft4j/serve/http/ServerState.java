package io.github.psft4j.serve.http;

import io.github.psft4j.serve.ServeMetrics;
import io.github.psft4j.serve.ServeSettings;
import io.github.psft4j.serve.ServedModel;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all connections share.
 *
 * @param readers runs what would keep a connection's thread from others: JSON, templates, tokens
 * @param calls requests that are not answered yet
 */
record ServerState(
        ServeSettings settings,
        ServedModel model,
        ServeMetrics metrics,
        AccessRules access,
        Executor readers,
        AtomicInteger calls) {}
