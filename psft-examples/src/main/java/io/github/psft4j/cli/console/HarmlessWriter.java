package io.github.psft4j.cli.console;

import io.github.psft4j.io.Shown;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/**
 * Messages for a terminal. They quote names and values of files, whoever wrote them, so control characters become
 * escapes; see {@link Shown#harmless}.
 */
public final class HarmlessWriter extends FilterWriter {

    /** @param out receives the text */
    public HarmlessWriter(Writer out) {
        super(out);
    }

    @Override
    public void write(int c) throws IOException {
        out.write(Shown.harmless(String.valueOf((char) c)));
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        write(new String(text), offset, length);
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        out.write(Shown.harmless(text.substring(offset, offset + length)));
    }
}
