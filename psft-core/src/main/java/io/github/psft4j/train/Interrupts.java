package io.github.psft4j.train;

/**
 * Interrupts of the training thread, which ask the run to stop. They are cleared as soon as they are seen, because a
 * file channel that is written to under an interrupt closes for good. They are set again when the run is over.
 */
final class Interrupts implements AutoCloseable {

    private boolean taken;

    /** Takes over an interrupt that came before. */
    Interrupts() {
        takeOff();
    }

    /** Clears the interrupt of the thread, if there is one, and remembers it. */
    void takeOff() {
        taken |= Thread.interrupted();
    }

    /** Whether there has been one so far. */
    boolean requested() {
        takeOff();
        return taken;
    }

    /** Interrupts the thread again for those who asked it to end. */
    @Override
    public void close() {
        if (taken) {
            Thread.currentThread().interrupt();
        }
    }
}
