package io.github.psft4j.monitor.report;

import java.util.List;

/**
 * Colours of runs. Every two of them stay apart for readers with protanopia, deuteranopia and tritanopia. Their
 * distance in OKLab is at least 0.1 after the simulation of Machado et al. (doi:10.1109/TVCG.2009.113). Their contrast
 * to the background is at least 3. From the sixth run on the colours repeat, drawn dotted.
 */
public final class Palette {

    /** On white. */
    private static final List<String> LIGHT = List.of("#0369a1", "#c2410c", "#1c1917", "#8d6cff", "#14a77c");

    /** On {@code #171717}. */
    private static final List<String> DARK = List.of("#38bdf8", "#fb923c", "#f5f5f4", "#7c5cff", "#d0355f");

    private Palette() {}

    /** Colour of a run on white, {@code #rrggbb}. */
    public static String light(int run) {
        return LIGHT.get(run % LIGHT.size());
    }

    /** The colours as style-sheet variables {@code --c0}, {@code --c1}, ... */
    static String variables(boolean dark) {
        return each(dark ? DARK : LIGHT, "--c{n}: {c}; ");
    }

    /** The rule once for every colour, with its number for {n} and itself for {c}. */
    private static String each(List<String> colours, String rule) {
        StringBuilder css = new StringBuilder();
        for (int i = 0; i < colours.size(); i++) {
            css.append(rule.replace("{n}", String.valueOf(i)).replace("{c}", colours.get(i)));
        }
        return css.toString();
    }

    /** Rules of the classes of {@link #cssClass}. */
    static String rules() {
        return each(LIGHT, ".c{n} { --c: var(--c{n}); }\n");
    }

    /** Style-sheet classes of a line, its markers and its legend entry. */
    static String cssClass(Chart.Line line) {
        String repeated = line.run() >= LIGHT.size() ? " dotted" : "";
        return "c" + line.run() % LIGHT.size() + (line.dashed() ? " dashed" : repeated);
    }

    /** Style sheet of an SVG file: plain properties, because not every viewer of SVG knows variables. */
    static String standaloneStyle() {
        return "text{fill:#57534e;font:12px sans-serif}.grid{stroke:#e7e5e4}"
                + ".axis{stroke:#57534e}polyline{fill:none;stroke-width:2;stroke-linejoin:round}"
                + ".dashed{stroke-width:1.5;stroke-dasharray:4 3}.dotted{stroke-dasharray:1 3}"
                + each(LIGHT, "polyline.c{n}{stroke:{c}}circle.c{n}{fill:{c}}");
    }
}
