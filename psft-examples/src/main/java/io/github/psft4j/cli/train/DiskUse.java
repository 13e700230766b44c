package io.github.psft4j.cli.train;

import io.github.psft4j.config.Sections.Checkpoint;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.io.Shown;
import io.github.psft4j.train.optimizer.Moments;

/** How much a run is going to write, apart from its metrics. */
final class DiskUse {

    private DiskUse() {}

    /** One line: the size of a checkpoint, how many stay, and the size of the result. */
    static String of(Checkpoint settings, String dtype, Moments moments, DType saved, long parameters) {
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
        return "disk: " + checkpoints + "final/ of " + size(parameters * saved.bytes());
    }

    private static String size(long bytes) {
        return bytes >= 1_000_000_000 ? Shown.format("%.1f GB", bytes / 1e9) : Shown.format("%.1f MB", bytes / 1e6);
    }
}
