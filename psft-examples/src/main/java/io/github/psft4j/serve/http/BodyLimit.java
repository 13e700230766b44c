package io.github.psft4j.serve.http;

import io.github.psft4j.serve.api.ApiException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Gathers the parts of a request up to a limit, above which it says so in OpenAI's form. */
final class BodyLimit extends HttpObjectAggregator {

    private final int bytes;

    BodyLimit(int bytes) {
        super(bytes);
        this.bytes = bytes;
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
        byte[] body = ApiException.tooLarge(
                        "the body is larger than " + bytes + " bytes; psft serve --max-body sets it")
                .json()
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        new HttpReply(context, HttpVersion.HTTP_1_1, status -> {}).whole(413, "application/json", body, true);
    }
}
