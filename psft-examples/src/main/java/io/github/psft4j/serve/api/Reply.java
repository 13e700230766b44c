package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Where the answer of a call goes. All methods are called in the executor of the call. */
public interface Reply {

    /** The whole answer. */
    void whole(ObjectNode json);

    /** A part of a stream. */
    void part(ObjectNode json);

    /** The end of a stream. */
    void end();

    /** An error instead of the answer, or of the rest of a stream. */
    void fail(ApiException error);

    /** Whether the client takes more parts now. {@link CallRun#pump} follows when it does again. */
    boolean ready();
}
