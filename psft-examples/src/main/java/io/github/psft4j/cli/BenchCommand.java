package io.github.psft4j.cli;

import io.github.psft4j.cli.console.ExitCodes;
import io.github.psft4j.cli.console.PsftCommand;
import io.github.psft4j.cli.input.Cluster;
import io.github.psft4j.cli.input.ThreadsOption;
import io.github.psft4j.io.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code psft bench}. */
@Command(
        name = "bench",
        description = "Measure speed and memory of training steps, LoRA, GRPO, the loss, or generation.",
        footer = {
            "",
            "Figures can be compared on the same machine only, and only if nothing",
            "else runs there.",
            "",
            "Examples:",
            "  psft bench",
            "  psft bench train --objective psft --shape 16,128,256,4,4,4,683,8192",
            "  psft bench lora --model DIR --batch 4 --length 256 --precision bf16",
            "  psft bench lora --model DIR --batch 4 --micro 2 --cluster local-cluster[2,1,1024]",
            "  psft bench grpo --model DIR --length 64 --new-tokens 128 --batch 8 --steps 2",
            "  psft bench generate --model bundled:models/stories260K --batch 4 --json",
            "  psft bench samples --model DIR --batch 8 --length 512 --new-tokens 64"
        })
final class BenchCommand extends PsftCommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "WHAT",
            defaultValue = "train",
            description =
                    "train (default), lora, grpo, loss, generate, or samples: of one prompt beside as many prompts.")
    String benchmark;

    @Option(
            names = "--shape",
            paramLabel = "N,N,...",
            defaultValue = "16,128,256,4,4,8192",
            description = "train: B,T,D,H,L,V for a GPT or B,T,D,H,KV,L,F,V for a Llama: B sequences of T tokens, width"
                    + " D, H query and KV key/value heads, L layers, feed-forward F, vocabulary V;"
                    + " default ${DEFAULT-VALUE}.")
    String shape;

    @Option(
            names = "--objective",
            paramLabel = "NAME",
            defaultValue = "sft",
            description = "train: sft (default), psft with K = 8 and its snapshot pass included, or dpo on pairs,"
                    + " the reference scored before.")
    String objective;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "f32",
            description = "train, lora, grpo, generate, samples: f32 (default), or bf16 for the operands of linear"
                    + " layers; generate, samples: also int8 for their weights.")
    String precision;

    @Option(names = "--parts", description = "train, lora, generate: where the time of a step or repeat goes.")
    boolean parts;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "24",
            description = "train, lora, grpo: steps; default 24.")
    int steps;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "2048", description = "loss: tokens; default 2048.")
    int rows;

    @Option(names = "--vocab", paramLabel = "N", defaultValue = "8192", description = "loss: width; default 8192.")
    int vocabulary;

    @Option(names = "--model", paramLabel = "DIR", description = "lora, grpo, generate, samples: the model.")
    String model;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "lora, generate, samples: sequences; grpo: samples of a pass, of 64; default 1.")
    int batch;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "lora: tokens per sequence; grpo, generate, samples: tokens of a prompt; default 256,"
                    + " generate 1.")
    Integer length;

    @Option(
            names = "--rank",
            paramLabel = "N",
            defaultValue = "16",
            description = "lora: rank of the adapter of all linear modules, 0 to train all weights; default 16.")
    int rank;

    @Option(
            names = "--updates",
            paramLabel = "N",
            defaultValue = "1",
            description = "grpo: optimizer steps of a rollout; default 1.")
    int updates;

    @Option(
            names = "--micro",
            paramLabel = "N",
            defaultValue = "0",
            description = "lora: sequences of a slice, as batch.micro; default 0, the whole batch.")
    int micro;

    @Option(
            names = "--cluster",
            paramLabel = "MASTER",
            description = "lora: computes slices on Apache Spark, as psft train does; says where a step's time goes.")
    String cluster;

    @Option(names = "--recompute", description = "lora, grpo: blocks compute their activations again for the gradient.")
    boolean recompute;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "grpo, generate, samples: new tokens per sequence; default 256. With generate and 1, the"
                    + " tokens of the prompts are counted.")
    int newTokens;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "9",
            description = "loss, generate, samples: repeats; default 9.")
    int repeats;

    @Mixin
    private ThreadsOption threads;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    int length() {
        return length != null ? length : benchmark.equals("generate") ? 1 : 256;
    }

    @Override
    public Integer call() {
        if (steps < 1 || rows < 1 || vocabulary < 2 || batch < 1 || length() < 1 || newTokens < 1 || repeats < 1) {
            throw new RefusedException(
                    "--steps, --rows, --batch, --length, --new-tokens and --repeats must be 1 or more,"
                            + " --vocab 2 or more");
        }
        if (cluster != null && !benchmark.equals("lora")) {
            throw new RefusedException("--cluster is for bench lora, not for bench " + benchmark);
        }
        Cluster.require(cluster);
        threads.prepare(cluster);
        out().println(BenchRun.run(this));
        return ExitCodes.OK;
    }
}
