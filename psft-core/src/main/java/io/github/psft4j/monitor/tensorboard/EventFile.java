package io.github.psft4j.monitor.tensorboard;

import io.github.psft4j.monitor.files.AppendFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file: a sequence of records, each one an {@code Event} message of TensorFlow.
 *
 * <pre>
 * record  = length (uint64) | masked CRC-32C of those 8 bytes (uint32) | data | masked CRC-32C of data, little-endian
 * masked  = rotate right by 15, plus 0xa282ead8
 * Event   = 1 wall_time (double) | 2 step (int64) | 3 file_version (string, first record) | 5 summary | 7 session_log
 * Summary = 1 value, repeated: 1 tag | 2 simple_value (float) | 8 tensor | 9 metadata
 * </pre>
 *
 * <p>Source: {@code tensorflow/core/lib/io/record_writer.h}, {@code tensorflow/core/util/event.proto} and
 * {@code tensorflow/core/framework/summary.proto}. Every record is handed to the operating system at once, so that a
 * run can be watched.
 */
final class EventFile implements AutoCloseable {

    private static final String VERSION = "brain.Event:2";
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int DT_STRING = 7;
    private static final int SESSION_START = 1;

    /** A number under a name. */
    record Scalar(String tag, double value) {}

    private final Clock clock;
    private final AppendFile out;

    /**
     * Creates the file.
     *
     * @throws java.io.UncheckedIOException naming the file and the way out
     */
    EventFile(Path file, Clock clock) {
        this.clock = clock;
        out = new AppendFile("TensorBoard events", file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        write(new ProtoBuffer().real(1, seconds()).text(3, VERSION));
    }

    /** Numbers of one step. */
    void scalars(long step, List<Scalar> scalars) {
        ProtoBuffer summary = new ProtoBuffer();
        for (Scalar scalar : scalars) {
            summary.message(1, new ProtoBuffer().text(1, scalar.tag()).real(2, (float) scalar.value()));
        }
        write(event(step, summary));
    }

    /** A text in Markdown for the tab "Text". */
    void text(long step, String tag, String markdown) {
        ProtoBuffer shape = new ProtoBuffer().message(2, new ProtoBuffer().integer(1, 1));
        ProtoBuffer tensor =
                new ProtoBuffer().integer(1, DT_STRING).message(2, shape).text(8, markdown);
        ProtoBuffer plugin = new ProtoBuffer().text(1, "text");
        ProtoBuffer value =
                new ProtoBuffer().text(1, tag).message(8, tensor).message(9, new ProtoBuffer().message(1, plugin));
        write(event(step, new ProtoBuffer().message(1, value)));
    }

    /** Makes readers forget what an earlier file of the same run says of this step and later ones. */
    void restart(long step) {
        ProtoBuffer started = new ProtoBuffer().integer(1, SESSION_START);
        write(new ProtoBuffer().real(1, seconds()).integer(2, step).message(7, started));
    }

    private ProtoBuffer event(long step, ProtoBuffer summary) {
        return new ProtoBuffer().real(1, seconds()).integer(2, step).message(5, summary);
    }

    private double seconds() {
        Instant now = clock.instant();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private void write(ProtoBuffer event) {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length);
        record.putInt(maskedCrc(record.array(), Long.BYTES)).put(data).putInt(maskedCrc(data, data.length));
        out.append(record.array());
    }

    /** Masked CRC-32C of the first {@code length} bytes. */
    static int maskedCrc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    @Override
    public void close() {
        out.close();
    }
}
