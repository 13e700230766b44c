package io.github.psft4j.serve.http;

import io.github.psft4j.serve.api.ApiException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/**
 * Who may ask. With a key, whoever has it. Without one only programs of this machine, and no web page of another site
 * that its browser shows: such a page can neither name this host nor declare JSON.
 */
final class AccessRules {

    private static final String BEARER = "Bearer ";

    private final String host;
    private final String apiKey; // null for none

    AccessRules(String host, String apiKey) {
        this.host = host;
        this.apiKey = apiKey;
    }

    /** Whether only this machine reaches an address. */
    static boolean isLoopback(String host) throws UnknownHostException {
        return InetAddress.getByName(host).isLoopbackAddress();
    }

    /** @throws ApiException if the request must not be served */
    void check(HttpRequest request) {
        if (apiKey != null) {
            checkKey(request.headers().get(HttpHeaderNames.AUTHORIZATION));
        } else {
            checkHost(request.headers().get(HttpHeaderNames.HOST));
        }
        CharSequence type = HttpUtil.getMimeType(request);
        if (request.method().equals(HttpMethod.POST)
                && (type == null || !HttpHeaderValues.APPLICATION_JSON.contentEqualsIgnoreCase(type))) {
            throw ApiException.badType("the header Content-Type must be application/json, was " + type);
        }
    }

    private void checkKey(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw ApiException.badKey("an API key is needed: Authorization: Bearer KEY");
        }
        byte[] given = authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(given, apiKey.getBytes(StandardCharsets.UTF_8))) { // takes the same time for any key
            throw ApiException.badKey("the API key is not the server's");
        }
    }

    private void checkHost(String named) {
        String name = named == null ? "" : named.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        if (!name.equals("localhost")
                && !name.matches("127(\\.\\d{1,3}){3}")
                && !name.equals("[::1]")
                && !name.equals(host.toLowerCase(Locale.ROOT))) {
            throw ApiException.forbidden("without an API key the header Host must name this machine, was " + named);
        }
    }
}
