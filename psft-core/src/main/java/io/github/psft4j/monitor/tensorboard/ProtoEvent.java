package io.github.psft4j.monitor.tensorboard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * An event read back: {@code Event = 2 step | 5 summary}, {@code Summary = 1 value, repeated}, {@code Value = 1 tag}.
 *
 * @param step its step
 * @param tags names of its values, none for a version or a session
 * @param recordLength bytes of the record that holds it
 */
record ProtoEvent(long step, Set<String> tags, int recordLength) {

    /** The event in these bytes, null if they are none. */
    static ProtoEvent of(ByteBuffer bytes, int recordLength) {
        try {
            long step = 0;
            Set<String> tags = new HashSet<>();
            while (bytes.hasRemaining()) {
                long key = varint(bytes);
                if (key == (2 << 3)) {
                    step = varint(bytes);
                } else if (key == (5 << 3 | 2)) {
                    summary(slice(bytes), tags);
                } else {
                    skip(bytes, key);
                }
            }
            return new ProtoEvent(step, tags, recordLength);
        } catch (RuntimeException e) { // fields that end behind the bytes
            return null;
        }
    }

    private static void summary(ByteBuffer bytes, Set<String> tags) {
        while (bytes.hasRemaining()) {
            long key = varint(bytes);
            if (key != (1 << 3 | 2)) {
                skip(bytes, key);
                continue;
            }
            ByteBuffer value = slice(bytes);
            while (value.hasRemaining()) {
                long field = varint(value);
                if (field == (1 << 3 | 2)) {
                    tags.add(StandardCharsets.UTF_8.decode(slice(value)).toString());
                } else {
                    skip(value, field);
                }
            }
        }
    }

    private static void skip(ByteBuffer bytes, long key) {
        switch ((int) (key & 7)) {
            case 0 -> varint(bytes);
            case 1 -> bytes.position(bytes.position() + Long.BYTES);
            case 2 -> slice(bytes);
            case 5 -> bytes.position(bytes.position() + Integer.BYTES);
            default -> throw new IllegalArgumentException("wire type of " + key);
        }
    }

    private static ByteBuffer slice(ByteBuffer bytes) {
        int length = Math.toIntExact(varint(bytes));
        ByteBuffer part = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return part;
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
