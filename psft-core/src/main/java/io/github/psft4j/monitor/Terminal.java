package io.github.psft4j.monitor;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;

/** Whether a person watches the output on a terminal. */
public final class Terminal {

    private Terminal() {}

    /** Whether standard input and output are a terminal that understands a carriage return. */
    public static boolean isInteractive() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            // From JDK 22 on there is a Console without a terminal, too, and a method to ask for it.
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true; // an older JDK gives a Console only with a terminal
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Console.isTerminal of this JDK cannot be called", e);
        }
    }
}
