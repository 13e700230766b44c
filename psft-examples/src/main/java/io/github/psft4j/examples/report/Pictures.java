package io.github.psft4j.examples.report;

import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** PNG files where this Java can draw. Knows no class of AWT itself, so that it loads where there is none. */
public final class Pictures {

    private Pictures() {}

    /**
     * Writes one PNG per chart. A Java runtime for servers may lack AWT, its libraries or any font. Then no picture is
     * written.
     *
     * @param say receives the reason if no picture is written
     * @return the files written
     * @throws IOException if a file cannot be written
     */
    public static List<Path> write(List<Chart> charts, Path directory, Consumer<String> say) throws IOException {
        try {
            return PngPlots.write(charts, directory);
        } catch (LinkageError | InternalError e) {
            say.accept("No PNG plots, because this Java runtime cannot draw (" + e
                    + "): use a JDK that has the module java.desktop, fontconfig and a font. "
                    + "report.html has the same plots.");
            return List.of();
        }
    }
}
