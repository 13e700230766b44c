package io.github.psft4j.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.options.Layout;
import io.github.psft4j.io.Shown;
import java.util.Arrays;
import java.util.List;

/**
 * {@link Layout#TOKENS}: ids and masks as they are; nothing is appended. A token is trained if {@code loss_mask} and
 * {@code labels}, as far as the row has them, both say so. Padding, where {@code attention_mask} is 0, is left out.
 */
public final class TokensEncoder implements RowEncoder {

    /** In {@code labels}: not trained. */
    private static final int IGNORED = -100;

    private final int vocabSize;
    private final boolean all;

    public TokensEncoder(int vocabSize, boolean all) {
        this.vocabSize = vocabSize;
        this.all = all;
    }

    @Override
    public Encoded encode(Fields row) {
        int[] ids = row.ids("input_ids", vocabSize);
        boolean[] mask = new boolean[ids.length];
        Arrays.fill(mask, true);
        if (!all) {
            if (row.has("loss_mask") || !row.has("labels")) {
                and(mask, row.mask("loss_mask", ids.length, "input_ids"));
            }
            for (String more : List.of("completion_mask", "assistant_masks")) { // TRL's, which may come together
                if (row.has(more)) {
                    and(mask, row.mask(more, ids.length, "input_ids"));
                }
            }
            if (row.has("labels")) {
                and(mask, labelled(row, ids));
            }
        }
        requireOneSequence(row);
        return row.has("attention_mask")
                ? without(ids, mask, row.mask("attention_mask", ids.length, "input_ids"))
                : new Encoded(ids, mask);
    }

    private static void and(boolean[] mask, boolean[] other) {
        for (int i = 0; i < mask.length; i++) {
            mask[i] &= other[i];
        }
    }

    /** Where a label is not -100; there it must be the id itself, because labels are shifted by the loss. */
    private static boolean[] labelled(Fields row, int[] ids) {
        JsonNode labels = row.list("labels", "");
        if (labels.size() != ids.length) {
            throw row.fault(
                    "labels",
                    "has " + labels.size() + " values but '" + row.column("input_ids") + "' has " + ids.length
                            + "; there is one label per token");
        }
        boolean[] trained = new boolean[ids.length];
        for (int i = 0; i < ids.length; i++) {
            JsonNode label = labels.get(i);
            boolean integral = label.isIntegralNumber() && label.canConvertToInt();
            trained[i] = !integral || label.intValue() != IGNORED;
            if (trained[i] && (!integral || label.intValue() != ids[i])) {
                throw row.fault(
                        "labels",
                        "has " + Shown.brief(label.toString()) + " at index " + i + " where the token is " + ids[i]
                                + "; a label is the id of its own token, or -100");
            }
        }
        return trained;
    }

    /** Positions that start again are several sequences in one row, which must not see each other. */
    private static void requireOneSequence(Fields row) {
        if (!row.has("position_ids")) {
            return;
        }
        JsonNode positions = row.list("position_ids", "");
        for (int i = 1; i < positions.size(); i++) {
            if (positions.get(i).asInt() < positions.get(i - 1).asInt()) {
                throw row.fault(
                        "position_ids",
                        "starts again at index " + i + ": several sequences are packed into this row; give a row for"
                                + " each (batch.packing packs them while training)");
            }
        }
    }

    private static Encoded without(int[] ids, boolean[] mask, boolean[] attended) {
        int n = 0;
        for (int i = 0; i < ids.length; i++) {
            if (attended[i]) {
                ids[n] = ids[i];
                mask[n++] = mask[i];
            }
        }
        return n == ids.length ? new Encoded(ids, mask) : new Encoded(ids, mask).start(n);
    }
}
