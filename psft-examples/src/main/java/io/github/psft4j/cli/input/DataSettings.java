package io.github.psft4j.cli.input;

import io.github.psft4j.cli.console.Refusal;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.Keys;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.data.encode.BadRows;
import io.github.psft4j.data.encode.DataOptions;
import io.github.psft4j.data.encode.Layout;
import io.github.psft4j.data.encode.LossOn;
import io.github.psft4j.data.encode.Truncation;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The data section of a configuration as options of the reader. */
public final class DataSettings {

    private DataSettings() {}

    /** Options for some files of a run. */
    public static DataOptions of(RunConfig config, List<String> files) {
        DataOptions.Builder builder = DataOptions.builder(
                        files.stream().map(Bundled::resolve).toArray(Path[]::new))
                .layout(layout(config.get(Keys.DATA_LAYOUT)))
                .lossOn(lossOn(config.get(Keys.DATA_LOSS_ON)))
                .maxLength(config.get(Keys.DATA_MAX_LENGTH))
                .truncation(Truncation.valueOf(upper(config.get(Keys.DATA_TRUNCATION))))
                .appendEos(config.get(Keys.DATA_APPEND_EOS))
                .eosTokenId(config.find(Keys.DATA_EOS_TOKEN_ID).orElse(null))
                .promptSuffix(config.find(Keys.DATA_PROMPT_SUFFIX).orElse(null))
                .promptAsUserMessage(config.get(Keys.DATA_PROMPT_AS_USER_MESSAGE))
                .badRows(badRows(config.get(Keys.DATA_BAD_ROWS)))
                .cacheDir(config.find(Keys.DATA_CACHE_DIR).map(Path::of).orElse(null));
        config.get(Keys.DATA_COLUMNS).forEach(builder::column);
        int maxRows = config.get(Keys.DATA_MAX_ROWS);
        if (maxRows > 0) {
            builder.maxRows(maxRows);
        }
        return builder.build();
    }

    /** A layout by its word, null for auto. */
    public static Layout layout(String word) {
        return word.equals("auto") ? null : value(Layout.class, word, "layout");
    }

    /** Which tokens are trained, by its word. */
    public static LossOn lossOn(String word) {
        return value(LossOn.class, word, "loss-on");
    }

    /** What happens to malformed rows, by its word. */
    public static BadRows badRows(String word) {
        return value(BadRows.class, word, "bad-rows");
    }

    private static <E extends Enum<E>> E value(Class<E> type, String word, String option) {
        try {
            return Enum.valueOf(type, upper(word));
        } catch (IllegalArgumentException e) {
            throw new Refusal(option + " has no value " + word + "; there are "
                    + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT));
        }
    }

    private static String upper(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
