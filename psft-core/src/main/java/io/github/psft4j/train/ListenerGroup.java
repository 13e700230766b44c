package io.github.psft4j.train;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The listeners of a run, called without an interrupt on the thread: an interrupt would close the files that they write
 * to.
 */
record ListenerGroup(List<TrainerListener> listeners, Interrupts interrupts) {

    /** Those that are shown every trained token. */
    List<TokenListener> ofTokens() {
        return listeners.stream()
                .filter(TokenListener.class::isInstance)
                .map(TokenListener.class::cast)
                .toList();
    }

    /** Calls every listener in the order of registration; the first that fails ends it. */
    void tell(Consumer<TrainerListener> event) {
        for (TrainerListener listener : listeners) {
            interrupts.takeOff();
            event.accept(listener);
        }
    }

    /** Why the first listener that wants the run to end does, empty if none does. */
    Optional<String> stopReason() {
        interrupts.takeOff();
        return listeners.stream().flatMap(l -> l.stopReason().stream()).findFirst();
    }

    /**
     * Closes every listener, even if another one fails. Failures are added to the exception that ended the run. If
     * nothing ended it, the first failure is thrown and carries the others. A listener may throw the same exception
     * twice, which cannot suppress itself.
     *
     * @param ended exception that ended the run, which the caller throws; null if there is none
     */
    void close(Throwable ended) {
        Throwable first = ended;
        for (TrainerListener listener : listeners) {
            interrupts.takeOff();
            try {
                listener.close();
            } catch (RuntimeException | Error e) {
                if (first == null) {
                    first = e;
                } else if (first != e) {
                    first.addSuppressed(e);
                }
            }
        }
        if (ended == null && first instanceof Error e) {
            throw e;
        }
        if (ended == null && first instanceof RuntimeException e) {
            throw e;
        }
    }
}
