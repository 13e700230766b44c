package io.github.psft4j.data.encode;

import java.util.Arrays;

/** {@link Layout#TOKENS}: ids and mask as they are; nothing is appended. */
public final class TokensEncoder implements RowEncoder {
    private final int vocabSize;
    private final boolean all;

    public TokensEncoder(int vocabSize, boolean all) {
        this.vocabSize = vocabSize;
        this.all = all;
    }

    @Override
    public Encoded encode(Fields row) {
        int[] ids = row.ids("input_ids", vocabSize);
        if (all) {
            boolean[] mask = new boolean[ids.length];
            Arrays.fill(mask, true);
            return new Encoded(ids, mask);
        }
        return new Encoded(ids, row.mask("loss_mask", ids.length, "input_ids"));
    }
}
