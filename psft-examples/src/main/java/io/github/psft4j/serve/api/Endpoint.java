package io.github.psft4j.serve.api;

import io.github.psft4j.serve.ServeMetrics;
import io.github.psft4j.serve.ServedModel;
import java.util.concurrent.Executor;

/** The two endpoints that generate. */
public enum Endpoint {
    /** Continues texts. */
    COMPLETIONS("/v1/completions"),
    /** Answers conversations. */
    CHAT("/v1/chat/completions");

    private final String path;

    Endpoint(String path) {
        this.path = path;
    }

    /** Its path. */
    public String path() {
        return path;
    }

    /** A request that is valid, before it has an executor and a reply. */
    @FunctionalInterface
    public interface Ready {

        /** @param start {@link System#nanoTime} when the request was whole */
        CallRun run(Reply reply, Executor executor, ServeMetrics metrics, long start);
    }

    /**
     * Reads a request: JSON, fields, template, tokens.
     *
     * @param choices most choices of a request
     * @throws ApiException naming field, value and rule, if it is not valid
     */
    public Ready read(byte[] body, ServedModel model, int choices) {
        RequestBody fields = RequestBody.parse(body);
        Call call =
                this == CHAT ? ChatReader.read(fields, model, choices) : CompletionReader.read(fields, model, choices);
        Format format = this == CHAT ? new ChatFormat(model, call) : new CompletionFormat(model, call);
        return (reply, executor, metrics, start) -> new CallRun(model, call, format, reply, executor, metrics, start);
    }
}
