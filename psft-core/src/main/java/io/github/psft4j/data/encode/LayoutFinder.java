package io.github.psft4j.data.encode;

import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.data.rows.RawRow;
import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Recognises the layout of a row by its columns. */
public final class LayoutFinder {

    private LayoutFinder() {}

    /**
     * The layout whose columns the row has, or the one of the options.
     *
     * @throws DataFormatException if none or more than one fits
     */
    public static Layout of(RawRow row, DataOptions options) {
        if (options.layout() != null) {
            return options.layout();
        }
        List<Layout> fitting = new ArrayList<>();
        for (Layout layout : Layout.values()) {
            List<String> needed =
                    layout == Layout.TOKENS && options.lossOn() == LossOn.ALL ? List.of("input_ids") : layout.fields();
            if (needed.stream().allMatch(field -> row.fields().has(options.column(field)))) {
                fitting.add(layout);
            }
        }
        if (fitting.size() == 1) {
            return fitting.get(0);
        }
        List<String> columns = new ArrayList<>();
        row.fields().fieldNames().forEachRemaining(columns::add);
        String problem = fitting.isEmpty() ? "of no known layout" : "of more than one layout, " + fitting;
        throw new DataFormatException(row.location() + ": the row is " + problem + ": it has the columns "
                + Shown.few(columns) + "; a row has "
                + String.join(
                        " | ",
                        Arrays.stream(Layout.values())
                                .map(l -> String.join(" + ", l.fields()))
                                .toList())
                + (fitting.isEmpty()
                        ? "; map other names to these, such as data.columns={question: prompt}, or psft data inspect"
                                + " --column"
                                + " question=prompt"
                        : "; name the layout"));
    }
}
