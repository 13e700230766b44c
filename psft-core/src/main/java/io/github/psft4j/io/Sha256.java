package io.github.psft4j.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 that content is added to. */
public final class Sha256 {

    private final MessageDigest digest;

    /** Of nothing yet. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The digest of bytes. */
    public static String of(byte[] bytes) {
        return new Sha256().add(bytes).hex();
    }

    /** The digest of texts, each with its length in front: texts that are cut elsewhere give another one. */
    public static String of(String... texts) {
        Sha256 sha = new Sha256();
        for (String text : texts) {
            sha.addWithLength(text);
        }
        return sha.hex();
    }

    /** Adds bytes. */
    public Sha256 add(byte[] bytes) {
        return add(bytes, bytes.length);
    }

    /** Adds the first n bytes. */
    public Sha256 add(byte[] bytes, int n) {
        digest.update(bytes, 0, n);
        return this;
    }

    /** Adds a text in UTF-8. */
    public Sha256 add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a text in UTF-8 behind the number of its bytes and a colon. */
    public Sha256 addWithLength(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return add(bytes.length + ":").add(bytes);
    }

    /** Adds the content of a file and returns the number of its bytes. */
    public long add(Path file) throws IOException {
        long bytes = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                add(buffer, n);
                bytes += n;
            }
        }
        return bytes;
    }

    /** 64 hexadecimal digits of all that was added; the next content starts another digest. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
