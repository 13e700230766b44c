package io.github.psft4j.serve.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.serve.api.ApiException;
import io.github.psft4j.serve.api.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** The answer of one request. A stream is a sequence of server-sent events. */
final class HttpReply implements Reply {

    private static final String EVENTS = "text/event-stream; charset=utf-8";

    private final ChannelHandlerContext context;
    private final HttpVersion version;
    private final IntConsumer sent;
    private boolean streaming;
    private boolean over;
    private boolean closing; // whether the connection ends with the answer

    /**
     * @param version of the request
     * @param sent gets the status when the last byte of the answer is with the operating system
     */
    HttpReply(ChannelHandlerContext context, HttpVersion version, IntConsumer sent) {
        this.context = context;
        this.version = version;
        this.sent = sent;
    }

    /** Ends the connection with the answer, and says so: a client would send its next request into a closed one. */
    void endConnection() {
        closing = true;
    }

    /** Whether the whole answer has been given to the connection. */
    boolean over() {
        return over;
    }

    @Override
    public void whole(ObjectNode json) {
        whole(200, "application/json", json.toString().getBytes(StandardCharsets.UTF_8), false);
    }

    /** @param close whether the connection ends with it */
    void whole(int status, String type, byte[] body, boolean close) {
        if (over) {
            return;
        }
        over = true;
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        HttpUtil.setContentLength(response, body.length);
        if (status == 401) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (status == 503) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, 1);
        }
        boolean ends = close || closing;
        if (ends) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        finish(response, status, ends);
    }

    private void finish(Object last, int status, boolean close) {
        context.writeAndFlush(last).addListener(done -> {
            if (done.isSuccess()) {
                sent.accept(status);
            }
            if (close || !done.isSuccess()) {
                context.close();
            }
        });
    }

    @Override
    public void part(ObjectNode json) {
        if (!over) {
            event(json.toString());
        }
    }

    private void event(String data) {
        if (!streaming) {
            streaming = true;
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            head.headers().set(HttpHeaderNames.CONTENT_TYPE, EVENTS);
            head.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
            if (version.compareTo(HttpVersion.HTTP_1_1) >= 0) {
                HttpUtil.setTransferEncodingChunked(head, true);
            } else { // the end of the connection ends the answer
                head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            context.write(head);
        }
        ByteBuf bytes = Unpooled.copiedBuffer("data: " + data + "\n\n", StandardCharsets.UTF_8);
        context.writeAndFlush(new DefaultHttpContent(bytes)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void end() {
        if (!over) {
            event("[DONE]");
            over = true;
            finish(LastHttpContent.EMPTY_LAST_CONTENT, 200, version.compareTo(HttpVersion.HTTP_1_1) < 0);
        }
    }

    @Override
    public void fail(ApiException error) {
        if (over) {
            return;
        }
        if (streaming) { // the status has gone
            event(error.json().toString());
            over = true;
            finish(LastHttpContent.EMPTY_LAST_CONTENT, error.status(), true);
        } else {
            byte[] body = error.json().toString().getBytes(StandardCharsets.UTF_8);
            whole(error.status(), "application/json", body, false);
        }
    }

    @Override
    public boolean ready() {
        return context.channel().isWritable();
    }
}
