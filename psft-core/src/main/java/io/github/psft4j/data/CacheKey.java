package io.github.psft4j.data;

import io.github.psft4j.data.options.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.FileCall;
import io.github.psft4j.io.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/**
 * SHA-256 of everything that tokens and masks depend on: content and names of the files, tokenizer, template, options.
 */
final class CacheKey {

    /** Raised when the same input gives other tokens or the token file changes its form. */
    private static final int VERSION = 2;

    private CacheKey() {}

    static String of(List<Path> files, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        Sha256 sha = new Sha256();
        FileCall.run("cannot read the data files " + files, () -> {
            for (Path file : files) {
                sha.addWithLength(file.getFileName() + " " + Files.size(file));
                sha.add(file);
            }
        });
        return sha.addWithLength("version " + VERSION)
                .addWithLength(
                        "tokenizer " + (tokenizer == null ? "none" : tokenizer.fingerprint() + tokenizer.eosTokenId()))
                .addWithLength("template " + (template == null ? "none" : template.fingerprint()))
                .addWithLength(canonical(options))
                .hex();
    }

    /** The options that change tokens, masks or counts; not the place of files nor the number of threads. */
    private static String canonical(DataOptions o) {
        return "layout " + o.layout() + ", columns " + new TreeMap<>(o.columns()) + ", loss on " + o.lossOn()
                + ", max length " + o.maxLength() + " " + o.truncation() + ", eos " + o.appendEos() + " "
                + o.eosTokenId()
                + ", vocabulary " + o.vocabSize() + ", suffix " + o.promptSuffix() + ", user message "
                + o.promptAsUserMessage() + ", bad rows " + o.badRows() + ", rows " + o.maxRows();
    }
}
