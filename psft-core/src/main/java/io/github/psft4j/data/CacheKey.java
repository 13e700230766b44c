package io.github.psft4j.data;

import io.github.psft4j.data.encode.DataOptions;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/** SHA-256 of everything that tokens and masks depend on: content and names of the files, tokenizer, template, options. */
final class CacheKey {

    /** Raised when the same input gives other tokens or the token file changes its form. */
    private static final int VERSION = 1;

    private CacheKey() {}

    static String of(List<Path> files, DataOptions options, Tokenizer tokenizer, ChatTemplate template) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (Path file : files) {
                text(digest, file.getFileName() + " " + Files.size(file));
                try (InputStream in = Files.newInputStream(file)) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        digest.update(buffer, 0, n);
                    }
                }
            }
            text(digest, "version " + VERSION);
            text(
                    digest,
                    "tokenizer " + (tokenizer == null ? "none" : tokenizer.fingerprint() + tokenizer.eosTokenId()));
            text(digest, "template " + (template == null ? "none" : template.fingerprint()));
            text(digest, canonical(options));
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the data files " + files + ": " + e, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The options that change tokens, masks or counts; not the place of files nor the number of threads. */
    private static String canonical(DataOptions o) {
        return "layout " + o.layout() + ", columns " + new TreeMap<>(o.columns()) + ", loss on " + o.lossOn()
                + ", max length " + o.maxLength() + " " + o.truncation() + ", eos " + o.appendEos() + " "
                + o.eosTokenId()
                + ", vocabulary " + o.vocabSize() + ", suffix " + o.promptSuffix() + ", user message "
                + o.promptAsUserMessage() + ", bad rows " + o.badRows() + ", rows " + o.maxRows();
    }

    private static void text(MessageDigest digest, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
    }
}
