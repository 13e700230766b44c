package io.github.psft4j.spark.data;

import io.github.psft4j.data.options.BadRows;
import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.data.options.LossOn;
import io.github.psft4j.data.options.Truncation;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;

/** Options of the reader on their way to executors, without paths, which cannot travel. */
final class DataSettings implements Serializable {

    private static final long serialVersionUID = 1L;

    private final Layout layout;
    private final HashMap<String, String> columns;
    private final LossOn lossOn;
    private final int maxLength;
    private final Truncation truncation;
    private final boolean appendEos;
    private final Integer eosTokenId;
    private final Integer vocabSize;
    private final String promptSuffix;
    private final boolean promptAsUserMessage;
    private final BadRows badRows;

    DataSettings(DataOptions options) {
        layout = options.layout();
        columns = new HashMap<>(options.columns());
        lossOn = options.lossOn();
        maxLength = options.maxLength();
        truncation = options.truncation();
        appendEos = options.appendEos();
        eosTokenId = options.eosTokenId();
        vocabSize = options.vocabSize();
        promptSuffix = options.promptSuffix();
        promptAsUserMessage = options.promptAsUserMessage();
        badRows = options.badRows();
    }

    /** The options for a file; how many rows are read decides the driver. */
    DataOptions options(Path file) {
        return new DataOptions(
                List.of(file),
                layout,
                columns,
                lossOn,
                maxLength,
                truncation,
                appendEos,
                eosTokenId,
                vocabSize,
                promptSuffix,
                promptAsUserMessage,
                badRows,
                Long.MAX_VALUE,
                1,
                null);
    }
}
