package io.github.psft4j.cli.train;

import io.github.psft4j.config.Sections.Checkpoint;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.io.Shown;
import io.github.psft4j.train.optimizer.Moments;
import java.nio.file.Path;

/** How much a run is going to write, apart from its metrics. */
final class DiskUse {

    private DiskUse() {}

    /**
     * One line: the size of a checkpoint, how many stay, the size of the result, and what is free if that is too
     * little.
     *
     * @param free bytes that the file system of the run has left, 0 if that is not known
     */
    static String of(Checkpoint settings, String dtype, Moments moments, DType saved, long parameters, long free) {
        int width = dtype.equals("double") ? Double.BYTES : Float.BYTES;
        long checkpoint = parameters * (width + 2L * (moments == Moments.BF16 ? Short.BYTES : width));
        int every = settings.every();
        int kept = settings.keep() + (settings.bestBy().equals("none") ? 0 : 1);
        int multiples = settings.keepEvery();
        String checkpoints = every == 0
                ? ""
                : "a checkpoint of " + size(checkpoint)
                        + (every == 1 ? " every step, " : " every " + every + " steps, ") + kept + " kept ("
                        + size(checkpoint * kept) + (multiples > 0 ? ", and one every " + multiples + " steps" : "")
                        + "); ";
        long result = parameters * saved.bytes();
        long needed = result + (every == 0 ? 0 : checkpoint * (kept + 1)); // an old one goes when the new one is there
        return "disk: " + checkpoints + "final/ of " + size(result)
                + (free > 0 && free < needed
                        ? "; together up to " + size(needed) + ", and only " + size(free) + " are free"
                        : "");
    }

    /** Bytes that are left for a run; 0 for not known, also where files of an earlier one will go for it. */
    static long free(Path dir, boolean earlier) {
        return earlier ? 0 : dir.toFile().getUsableSpace();
    }

    private static String size(long bytes) {
        return bytes >= 1_000_000_000 ? Shown.format("%.1f GB", bytes / 1e9) : Shown.format("%.1f MB", bytes / 1e6);
    }
}
