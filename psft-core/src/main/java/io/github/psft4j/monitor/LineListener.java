package io.github.psft4j.monitor;

import io.github.psft4j.monitor.files.LineFile;
import io.github.psft4j.train.TrainerListener;

/** A listener with a file that grows by lines, opened when the run starts. */
abstract class LineListener implements TrainerListener {

    LineFile out; // null before the start of the run

    @Override
    public void close() {
        if (out != null) {
            out.close();
        }
    }
}
