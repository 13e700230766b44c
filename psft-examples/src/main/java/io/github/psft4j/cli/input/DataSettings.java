package io.github.psft4j.cli.input;

import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.data.Portions;
import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.rows.DataFiles;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.train.Layouts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The data section of a configuration as options of the reader. */
public final class DataSettings {

    private DataSettings() {}

    /** Options for some files of a run. */
    public static DataOptions of(Data data, List<String> files) {
        return builder(data, files).build();
    }

    /** The same for an objective: rows of KTO are not recognised by their columns. */
    public static DataOptions of(Data data, List<String> files, TokenObjective objective) {
        DataOptions.Builder builder = builder(data, files);
        if (data.layout().equals("auto") && Layouts.of(objective) == Layout.UNPAIRED_PREFERENCE) {
            builder.layout(Layout.UNPAIRED_PREFERENCE);
        }
        return builder.build();
    }

    /** A builder of these options, which a command's own options change. */
    public static DataOptions.Builder builder(Data data, List<String> files) {
        DataOptions.Builder builder = DataOptions.builder(Bundled.resolve(files).toArray(Path[]::new))
                .layout(layout(data.layout()))
                .lossOn(data.lossOn())
                .truncation(data.truncation())
                .appendEos(data.appendEos())
                .eosTokenId(data.eosTokenId())
                .promptSuffix(data.promptSuffix())
                .promptAsUserMessage(data.promptAsUserMessage())
                .badRows(data.badRows())
                .cacheDir(data.cacheDir() == null ? null : Path.of(data.cacheDir()));
        if (data.maxLength() != null) {
            builder.maxLength(data.maxLength());
        }
        data.columns().forEach(builder::column);
        return data.maxRows() > 0 ? builder.maxRows(data.maxRows()) : builder;
    }

    /** What of the demonstrations is trained and what is held out. */
    public static Portions portions(DemonstrationSet all, Data data, long seed) {
        Map<Path, Double> weights = new LinkedHashMap<>();
        data.mix().forEach((path, weight) -> weights.put(Bundled.resolve(path), Double.valueOf(weight.strip())));
        try {
            return Portions.of(all, data.validationSplit(), weights, seed);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("data.validation_split, data.mix: " + e.getMessage(), e);
        }
    }

    /** Refuses a directory for the evaluation that holds files of training beside held-out ones. */
    public static void requireOneSplit(List<String> files) {
        List<Path> heldOut = DataFiles.heldOut(Bundled.resolve(files));
        if (!heldOut.isEmpty()) {
            throw new RefusedException("eval.data: "
                    + Shown.few(heldOut.stream().map(Path::toString).toList())
                    + " stand beside files of training in the directory; name the files to evaluate on");
        }
    }

    /** A layout by its name, null for auto. */
    public static Layout layout(String word) {
        return word.equals("auto") ? null : value(Layout.class, word, "layout");
    }

    /** Which tokens are trained, by name. */
    public static LossOn lossOn(String word) {
        return value(LossOn.class, word, "loss-on");
    }

    /** What happens to malformed rows, by name. */
    public static BadRows badRows(String word) {
        return value(BadRows.class, word, "bad-rows");
    }

    private static <E extends Enum<E>> E value(Class<E> type, String word, String option) {
        try {
            return Enum.valueOf(type, upper(word));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(option + " has no value " + word + "; there are "
                    + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT));
        }
    }

    private static String upper(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
