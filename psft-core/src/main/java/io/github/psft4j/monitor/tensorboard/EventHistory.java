package io.github.psft4j.monitor.tensorboard;

import io.github.psft4j.io.Directories;
import io.github.psft4j.monitor.files.WriteFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The event files that earlier parts of a run left in its directory, cut behind a step. So every reader sees each step
 * once. TensorBoard's own readers disagree about what a later file takes back: the slow one forgets what the session
 * record names, the fast one what is written again, and others forget nothing.
 *
 * @param found whether there were such files
 * @param lastSeconds the time in the name of the newest, 0 without any
 * @param tags what the last step that stays has
 */
record EventHistory(boolean found, long lastSeconds, Set<String> tags) {

    private static final Pattern OURS = Pattern.compile("events\\.out\\.tfevents\\.(\\d{1,18})\\.psft4j\\..*");
    private static final String WHAT = "TensorBoard events";

    /** Longest record that is read: a sample generation is a thousand times shorter. */
    private static final int MAX_RECORD = 1 << 26;

    /**
     * Cuts the files of a directory. A file of which no event is left is removed, and so is a record that was being
     * written when the run ended.
     *
     * @param lastStep last step that stays; a negative one lets nothing stay
     * @throws java.io.UncheckedIOException naming the file that cannot be cut
     */
    static EventHistory cut(Path directory, long lastStep) {
        Set<String> tags = new HashSet<>();
        List<Path> files = files(directory);
        long seconds = 0;
        for (Path file : files) {
            Matcher name = OURS.matcher(file.getFileName().toString());
            seconds = name.matches() ? Math.max(seconds, Long.parseLong(name.group(1))) : seconds;
            try {
                if (!cutFile(file, lastStep, tags)) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw WriteFailure.of(WHAT, file, e);
            }
        }
        return new EventHistory(!files.isEmpty(), seconds, tags);
    }

    private static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try {
            return Directories.named(directory, OURS);
        } catch (IOException e) {
            throw WriteFailure.of(WHAT, directory, e);
        }
    }

    /** Cuts a file; false if nothing but its version is left. */
    private static boolean cutFile(Path file, long lastStep, Set<String> tags) throws IOException {
        boolean any = false;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = 0;
            for (ProtoEvent event = next(channel, end); event != null; event = next(channel, end)) {
                if (event.step() > lastStep) {
                    break;
                }
                if (event.step() == lastStep) {
                    tags.addAll(event.tags());
                }
                any |= !event.tags().isEmpty();
                end += event.recordLength();
            }
            if (any && end < channel.size()) {
                channel.truncate(end);
            }
        }
        return any;
    }

    /** The record at a position, null at the end and where the file is incomplete or damaged. */
    private static ProtoEvent next(FileChannel channel, long position) throws IOException {
        ByteBuffer head = read(channel, position, Long.BYTES + Integer.BYTES);
        if (head == null) {
            return null;
        }
        long length = head.getLong();
        if (length < 0 || length > MAX_RECORD || head.getInt() != EventFile.maskedCrc(head.array(), Long.BYTES)) {
            return null;
        }
        ByteBuffer body = read(channel, position + head.capacity(), (int) length + Integer.BYTES);
        if (body == null || body.getInt((int) length) != EventFile.maskedCrc(body.array(), (int) length)) {
            return null;
        }
        return ProtoEvent.of(body.limit((int) length), head.capacity() + body.capacity());
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            int n = channel.read(bytes, position + bytes.position());
            if (n < 0) {
                return null;
            }
        }
        return bytes.flip();
    }
}
