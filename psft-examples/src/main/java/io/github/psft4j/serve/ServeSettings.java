package io.github.psft4j.serve;

import java.time.Duration;

/**
 * Where a model is served, for whom, and how much at a time.
 *
 * @param host address to listen on
 * @param port 0 for any that is free
 * @param apiKey what clients must present, null for none
 * @param bodyBytes largest request body
 * @param choices most choices of one request: prompts times n
 * @param connections most connections at a time
 * @param requestTime longest time from a whole request to the end of its answer
 * @param idleTime longest time in which a connection must bring a whole request
 */
public record ServeSettings(
        String host,
        int port,
        String apiKey,
        int bodyBytes,
        int choices,
        int connections,
        Duration requestTime,
        Duration idleTime) {}
