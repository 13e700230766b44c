package io.github.psft4j.serve.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.io.Shown;
import io.github.psft4j.serve.ServeMetrics;
import io.github.psft4j.serve.api.ApiException;
import io.github.psft4j.serve.api.CallRun;
import io.github.psft4j.serve.api.Endpoint;
import io.github.psft4j.serve.api.ModelList;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: one request at a time, on the thread of the connection. */
final class ApiHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final String MODELS = "/v1/models";
    private static final String HEALTH = "/health";
    private static final String METRICS = "/metrics";
    private static final Set<String> PATHS =
            Set.of(MODELS, HEALTH, METRICS, Endpoint.COMPLETIONS.path(), Endpoint.CHAT.path());

    private final ServerState server;
    private HttpReply reply; // of the request that is not answered yet, null between requests
    private CallRun run; // null until it is decoded
    private Future<?> deadline; // of the request, or for the next one
    private boolean last; // whether the connection ends with the answer

    ApiHandler(ServerState server) {
        this.server = server;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (server.metrics().connected() > server.settings().connections()) {
            HttpReply full = new HttpReply(context, HttpVersion.HTTP_1_1, status -> {});
            byte[] body = ApiException.overloaded("there are too many connections; try again later")
                    .json()
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            full.whole(503, "application/json", body, true);
        }
        await(context);
    }

    /** The connection must bring a whole request in time, however slowly its bytes come. */
    private void await(ChannelHandlerContext context) {
        schedule(context, server.settings().idleTime(), context::close);
    }

    private void schedule(ChannelHandlerContext context, Duration time, Runnable task) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        deadline = context.executor().schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (reply != null) { // pipelined: answered by nobody, as the closed connection says
            last = true;
            reply.endConnection();
            return;
        }
        String path = new QueryStringDecoder(request.uri()).path();
        long start = System.nanoTime();
        HttpReply own =
                new HttpReply(context, request.protocolVersion(), status -> answered(context, path, status, start));
        reply = own;
        server.calls().incrementAndGet();
        schedule(context, server.settings().requestTime(), () -> timeout(context, own));
        try {
            route(context, request, path, start);
        } catch (ApiException e) {
            own.fail(e);
        }
    }

    private void route(ChannelHandlerContext context, FullHttpRequest request, String path, long start) {
        if (request.decoderResult().isFailure()) {
            last = true;
            reply.endConnection();
            throw ApiException.badBody("the request is not HTTP: "
                    + Shown.oneLine(
                            String.valueOf(request.decoderResult().cause().getMessage())));
        }
        if (path.equals(HEALTH)) {
            require(request, HttpMethod.GET, path);
            health();
            return;
        }
        server.access().check(request);
        for (Endpoint endpoint : Endpoint.values()) {
            if (path.equals(endpoint.path())) {
                require(request, HttpMethod.POST, path);
                read(context, endpoint, ByteBufUtil.getBytes(request.content()), start);
                return;
            }
        }
        if (path.equals(METRICS)) {
            require(request, HttpMethod.GET, path);
            reply.whole(200, ServeMetrics.CONTENT_TYPE, server.metrics().text(), false);
        } else if (path.equals(MODELS)) {
            require(request, HttpMethod.GET, path);
            reply.whole(ModelList.all(server.model()));
        } else if (path.startsWith(MODELS + "/")) {
            require(request, HttpMethod.GET, path);
            reply.whole(ModelList.named(server.model(), path.substring(MODELS.length() + 1)));
        } else {
            throw ApiException.noSuchPath("there is no " + Shown.brief(path)
                    + "; there are /v1/models, /v1/completions, /v1/chat/completions, /health and /metrics");
        }
    }

    private static void require(FullHttpRequest request, HttpMethod method, String path) {
        if (!request.method().equals(method)) {
            throw ApiException.badMethod(path + " takes " + method + ", not " + request.method());
        }
    }

    private void health() {
        boolean open = server.model().generator().isOpen();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("status", open ? "ok" : "stopping");
        reply.whole(open ? 200 : 503, "application/json", json.toString().getBytes(StandardCharsets.UTF_8), false);
    }

    /** Reads the request on another thread, and starts it on this one. */
    private void read(ChannelHandlerContext context, Endpoint endpoint, byte[] body, long start) {
        HttpReply own = reply;
        server.readers().execute(() -> {
            try {
                Endpoint.Ready ready =
                        endpoint.read(body, server.model(), server.settings().choices());
                context.executor().execute(() -> begin(own, ready, context, start));
            } catch (ApiException e) {
                context.executor().execute(() -> own.fail(e));
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                LOG.warn("a request could not be read", e);
                context.executor()
                        .execute(() -> own.fail(ApiException.internal("the request could not be read: " + e)));
            }
        });
    }

    private void begin(HttpReply own, Endpoint.Ready ready, ChannelHandlerContext context, long start) {
        if (reply == own && !own.over()) { // else the client has left, or the time is over
            run = ready.run(own, context.executor(), server.metrics(), start);
            run.start();
        }
    }

    /** The answer is with the operating system. */
    private void answered(ChannelHandlerContext context, String path, int status, long start) {
        server.metrics().answered(named(path), status, (System.nanoTime() - start) / 1e9);
        forget();
        if (last) {
            context.close();
        } else {
            await(context);
        }
    }

    /** A path as metrics name it: clients must not be able to make new names. */
    private static String named(String path) {
        return PATHS.contains(path) ? path : path.startsWith(MODELS + "/") ? MODELS : "other";
    }

    private void forget() {
        if (reply != null) {
            server.calls().decrementAndGet();
        }
        reply = null;
        run = null;
    }

    private void timeout(ChannelHandlerContext context, HttpReply own) {
        if (own.over()) { // the client does not read its answer
            context.close();
            return;
        }
        ApiException error = ApiException.timeout("there was no whole answer within "
                + server.settings().requestTime().toSeconds() + " s; ask for fewer tokens");
        last = true;
        own.endConnection();
        schedule(context, server.settings().idleTime(), context::close); // for a client that does not read this either
        if (run != null) {
            run.fail(error);
        } else {
            own.fail(error);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (run != null) {
            run.pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        server.metrics().disconnected();
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (run != null) {
            run.cancel();
            server.metrics().cancelled();
        }
        forget();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        boolean left = cause instanceof IOException || cause instanceof PrematureChannelClosureException;
        if (!left) {
            LOG.warn("a connection failed", cause);
        }
        context.close();
    }
}
