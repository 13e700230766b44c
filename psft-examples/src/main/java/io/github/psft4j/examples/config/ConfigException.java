package io.github.psft4j.examples.config;

import java.util.List;

/** A configuration that cannot be run; the message lists all its faults at once. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 20;

    private final transient List<Fault> faults;

    /**
     * @param source file or place that holds the faults
     * @param faults at least one
     */
    public ConfigException(String source, List<Fault> faults) {
        super(message(source, faults));
        this.faults = List.copyOf(faults);
    }

    /** The faults, in the order of the file. */
    public List<Fault> faults() {
        return faults;
    }

    private static String message(String source, List<Fault> faults) {
        StringBuilder out = new StringBuilder(source)
                .append(faults.size() == 1 ? " has a fault" : " has " + faults.size() + " faults")
                .append("; nothing was started");
        faults.stream().limit(SHOWN).forEach(fault -> out.append("\n  ").append(fault));
        if (faults.size() > SHOWN) {
            out.append("\n  and ").append(faults.size() - SHOWN).append(" more");
        }
        return out.append("\n\"psft config keys\" explains every setting.").toString();
    }
}
