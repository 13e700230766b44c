package io.github.psft4j.config;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import java.util.List;

/** A configuration that cannot be run; the message lists all its faults at once. */
public final class ConfigException extends RefusedException {

    private static final long serialVersionUID = 1L;
    static final String HELP = "\"psft config keys\" explains every setting.";
    private static final int SHOWN = 20;
    private static final int LONGEST = 1000;

    private final transient List<Fault> faults;

    /**
     * @param source file or place that holds the faults
     * @param faults at least one
     */
    public ConfigException(String source, List<Fault> faults) {
        this(source, faults, HELP);
    }

    /**
     * The same for settings of another file than a run's.
     *
     * @param help last line: the command that explains them
     */
    ConfigException(String source, List<Fault> faults, String help) {
        super(message(source, faults) + "\n" + help);
        this.faults = List.copyOf(faults);
    }

    /** The faults, in the order of the file. */
    public List<Fault> faults() {
        return faults;
    }

    /** Cuts long text and escapes control characters: names and values come from the file. */
    private static String readable(String fault) {
        String text = Shown.harmless(fault);
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    }

    private static String message(String source, List<Fault> faults) {
        StringBuilder out = new StringBuilder(Shown.harmless(source))
                .append(faults.size() == 1 ? " has a fault" : " has " + faults.size() + " faults")
                .append("; nothing was started");
        faults.stream().limit(SHOWN).forEach(fault -> out.append("\n  ").append(readable(fault.toString())));
        if (faults.size() > SHOWN) {
            out.append("\n  and ").append(faults.size() - SHOWN).append(" more");
        }
        return out.toString();
    }
}
