package io.github.psft4j.train;

/**
 * Interrupts of the training thread, which ask the run to stop. They are taken off the thread as soon as they are seen,
 * because a file channel that is written to under an interrupt closes itself for good. They are given back when the run
 * is over.
 */
final class Interrupts implements AutoCloseable {

    private boolean taken;

    /** Takes one that came before. */
    Interrupts() {
        takeOff();
    }

    /** Takes the interrupt off the thread, if there is one. */
    void takeOff() {
        taken |= Thread.interrupted();
    }

    /** Whether there has been one so far. */
    boolean requested() {
        takeOff();
        return taken;
    }

    /** Gives it back to those who asked the thread to end. */
    @Override
    public void close() {
        if (taken) {
            Thread.currentThread().interrupt();
        }
    }
}
