package io.github.psft4j.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Padded batches of a golden file as pre-tokenised JSON lines without their padding. */
final class GoldenRows {

    private GoldenRows() {}

    /**
     * Writes the rows and returns their lengths.
     *
     * @param prefix of the tensors input_ids, attention_mask and loss_mask
     */
    static int[] write(SafetensorsReader golden, String prefix, Path file) throws IOException {
        int[] ids = golden.readInts(prefix + "input_ids"); // [B, T]
        int[] attention = golden.readInts(prefix + "attention_mask"); // [B, T]
        float[] mask = golden.readFloats(prefix + "loss_mask"); // [B, T]
        int time = (int) golden.info(prefix + "input_ids").shape()[1];
        List<String> lines = new ArrayList<>();
        int[] lengths = new int[ids.length / time];
        for (int b = 0; b < lengths.length; b++) {
            ObjectNode row = new ObjectMapper().createObjectNode();
            ArrayNode rowIds = row.putArray("input_ids");
            ArrayNode rowMask = row.putArray("loss_mask");
            for (int t = 0; t < time && attention[b * time + t] == 1; t++) {
                rowIds.add(ids[b * time + t]);
                rowMask.add((int) mask[b * time + t]);
            }
            lengths[b] = rowIds.size();
            lines.add(row.toString());
        }
        Files.write(file, lines);
        return lengths;
    }
}
