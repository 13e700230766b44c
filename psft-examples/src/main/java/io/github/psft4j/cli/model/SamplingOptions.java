package io.github.psft4j.cli.model;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How new tokens are chosen. */
final class SamplingOptions {

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most new tokens; default 128.")
    int maxNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0",
            description = "0 (default) takes the most probable token; otherwise logits are divided by it.")
    double temperature;

    @Option(names = "--top-k", paramLabel = "N", defaultValue = "0", description = "Sample among the N most probable.")
    int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "1",
            description = "Sample among the most probable that reach mass X.")
    double topP;

    @Option(
            names = "--min-p",
            paramLabel = "X",
            defaultValue = "0",
            description = "Sample among those of at least X times the largest probability.")
    double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "Above 1 makes tokens that are there already less likely.")
    double repetitionPenalty;

    @Option(names = "--stop", paramLabel = "TEXT", description = "The text ends before TEXT; may be repeated.")
    List<String> stopStrings = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Seed of sampling; default 0.")
    long seed;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "f32",
            description = "f32 (default); bf16: weights of two bytes, and products in bf16 where the CPU has them;"
                    + " int8: weights of one byte.")
    String precision;

    @Option(
            names = "--lookup",
            paramLabel = "N",
            defaultValue = "0",
            description = "Propose N tokens at a time that followed the last ones before, and check them in one pass:"
                    + " the same text, faster where it repeats itself; default 0, none.")
    int lookup;

    @Option(
            names = "--stop-id",
            paramLabel = "ID",
            split = ",",
            description = "Token ids that end the text; default with a text prompt: the model's end-of-sequence ids.")
    List<Integer> stopIds = new ArrayList<>();
}
