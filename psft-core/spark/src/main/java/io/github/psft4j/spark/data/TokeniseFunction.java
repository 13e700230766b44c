package io.github.psft4j.spark.data;

import io.github.psft4j.data.PartTokenizer;
import io.github.psft4j.data.rows.RowSource;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.spark.wire.SentFiles;
import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.SerializableConfiguration;

/** Reads and tokenises a part of the data, some rows in memory at a time. */
final class TokeniseFunction implements FlatMapFunction<DataPart, RowsData> {

    private static final long serialVersionUID = 1L;

    private final SerializableConfiguration settings;
    private final DataSettings options;
    private final SentFiles tokenizer; // null without
    private final ChatTemplate template; // null without
    private final DataPart first; // has the first row of the data that is one

    TokeniseFunction(
            SerializableConfiguration settings,
            DataSettings options,
            SentFiles tokenizer,
            ChatTemplate template,
            DataPart first) {
        this.settings = settings;
        this.options = options;
        this.tokenizer = tokenizer;
        this.template = template;
        this.first = first;
    }

    /** The first row of a part that is one, null without any. */
    static RowSource.Result first(DataPart part, SerializableConfiguration settings) throws IOException {
        try (RowSource source = part.open(settings.value())) {
            RowSource.Result result = source.next();
            while (result != null && result.fault() != null) {
                result = source.next();
            }
            return result;
        }
    }

    @Override
    public Iterator<RowsData> call(DataPart part) throws IOException {
        Tokenizer text = tokenizer == null ? null : tokenizer.with(Tokenizer::load);
        PartTokenizer rows = new PartTokenizer(
                options.options(part.name()),
                text,
                template,
                first(first, settings).row());
        return new Pieces(part.file(), part.open(settings.value()), rows, text);
    }
}
