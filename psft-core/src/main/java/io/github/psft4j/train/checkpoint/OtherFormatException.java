package io.github.psft4j.train.checkpoint;

/** A checkpoint of another version of psft4j: it may well be whole, but this version cannot know. */
final class OtherFormatException extends CheckpointException {

    private static final long serialVersionUID = 1L;

    OtherFormatException(String message) {
        super(message);
    }
}
