package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request that gets an error in OpenAI's form instead of its answer. */
public final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1;
    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";

    private final int status;
    private final String type;
    private final String param;
    private final String code;

    private ApiException(int status, String type, String param, String code, String message) {
        super(message);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** 400: a value of a field. */
    public static ApiException badField(String param, String message) {
        return new ApiException(400, INVALID, param, null, message);
    }

    /** 400: the whole body. */
    public static ApiException badBody(String message) {
        return new ApiException(400, INVALID, null, null, message);
    }

    /** 400: more tokens than the context holds. */
    public static ApiException tooLong(String param, String message) {
        return new ApiException(400, INVALID, param, "context_length_exceeded", message);
    }

    /** 401: no key, or a wrong one. */
    public static ApiException badKey(String message) {
        return new ApiException(401, INVALID, null, "invalid_api_key", message);
    }

    /** 403: a request that a web page of another site may have sent. */
    public static ApiException forbidden(String message) {
        return new ApiException(403, INVALID, null, "forbidden", message);
    }

    /** 404: a path. */
    public static ApiException noSuchPath(String message) {
        return new ApiException(404, INVALID, null, "unknown_url", message);
    }

    /** 404: a model of another name. */
    public static ApiException noSuchModel(String message) {
        return new ApiException(404, INVALID, "model", "model_not_found", message);
    }

    /** 405: a method that the path does not have. */
    public static ApiException badMethod(String message) {
        return new ApiException(405, INVALID, null, "method_not_allowed", message);
    }

    /** 413: a body above the limit. */
    public static ApiException tooLarge(String message) {
        return new ApiException(413, INVALID, null, "body_too_large", message);
    }

    /** 415: a body that is not declared as JSON. */
    public static ApiException badType(String message) {
        return new ApiException(415, INVALID, null, "unsupported_media_type", message);
    }

    /** 500: a fault of ours. */
    public static ApiException internal(String message) {
        return new ApiException(500, SERVER, null, "internal_error", message);
    }

    /** 503: the queue is full, or the server is stopping; a client may try again. */
    public static ApiException overloaded(String message) {
        return new ApiException(503, SERVER, null, "engine_overloaded", message);
    }

    /** 504: no answer in time. */
    public static ApiException timeout(String message) {
        return new ApiException(504, SERVER, null, "timeout", message);
    }

    /** The status of HTTP. */
    public int status() {
        return status;
    }

    /** The body. */
    public ObjectNode json() {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("message", getMessage()).put("type", type).put("param", param).put("code", code);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("error", error);
        return body;
    }
}
