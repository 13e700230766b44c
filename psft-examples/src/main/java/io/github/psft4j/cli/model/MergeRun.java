package io.github.psft4j.cli.model;

import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.hf.safetensors.DType;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.io.Directories;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.model.LoraModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Merges an adapter into its base, and checks the result before it gets its name. */
final class MergeRun {

    /** Largest difference of logits between two orders of summation in float, relative to the largest logit. */
    private static final double SUMMATION = 1e-3;

    private static final int SEQUENCES = 2;
    private static final int LENGTH = 32;
    private static final String TEMPLATE = "chat_template.jinja";

    private MergeRun() {}

    /** The line to print. */
    static String run(ModelFiles files, Path output, String dtype) throws IOException {
        if (files.base() == null) {
            files.check(); // what is no model at all is named first
            throw new RefusedException(files.dir() + " is a whole model, not an adapter; there is nothing to merge");
        }
        requireEmpty(output);
        CausalLm adapted = files.load("float");
        DType type = type(dtype, adapted.storedType());
        INDArray beside = logits(adapted);
        CausalLm merged = LoraModels.merged(adapted);
        double bound =
                SUMMATION * Math.max(1, Transforms.abs(beside).maxNumber().doubleValue());
        double summed = difference(beside, logits(merged));
        Path unfinished = unfinished(output);
        try {
            merged.save(unfinished, type);
            copyCompanions(files, unfinished);
            CausalLm reread = CausalLm.load(unfinished);
            String wrong = requireRounding(merged.tensors(), reread.tensors(), type);
            double all = difference(beside, logits(reread));
            String line = Shown.format("largest difference of a logit between adapter and merged model: %.3g", all);
            if (!(summed <= bound) || wrong != null || Double.isNaN(all)) {
                throw new RefusedException("the merged model is another one; nothing is kept: " + line
                        + Shown.format(", before rounding %.3g, allowed %.3g", summed, bound)
                        + (wrong == null ? "" : "; " + wrong)
                        + (type == DType.F16 ? "; f16 ends at 65,504: take --dtype bf16 or f32" : ""));
            }
            Files.move(unfinished, output, StandardCopyOption.REPLACE_EXISTING);
            return line
                    + Shown.format(
                            " (logits up to %.3g); the whole model, in %s, is in %s",
                            bound / SUMMATION, type.name().toLowerCase(Locale.ROOT), output);
        } finally {
            Directories.delete(unfinished);
        }
    }

    private static void requireEmpty(Path output) throws IOException {
        if (Files.isDirectory(output)) {
            try (Stream<Path> inside = Files.list(output)) {
                if (inside.findAny().isEmpty()) {
                    return;
                }
            }
        }
        if (Files.exists(output)) {
            throw new RefusedException("--output " + output + " exists already; give another directory");
        }
        Path parent = output.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new RefusedException("--output " + output + ": there is no directory " + parent + "; make it first");
        }
    }

    private static Path unfinished(Path output) throws IOException {
        Path name = output.toAbsolutePath().normalize();
        Path unfinished = name.resolveSibling("." + name.getFileName() + ".unfinished");
        Directories.delete(unfinished); // of a merge that was killed
        return unfinished;
    }

    private static DType type(String dtype, DType stored) {
        return switch (dtype) {
            case "auto" -> stored;
            case "f32", "bf16", "f16" -> DType.valueOf(dtype.toUpperCase(Locale.ROOT));
            default -> throw new RefusedException("--dtype must be auto, f32, bf16 or f16, was " + dtype);
        };
    }

    /** Logits of a fixed batch, {@code [B, T, V]}. */
    private static INDArray logits(CausalLm model) {
        int vocabulary = model.config().vocabSize();
        int length = Math.min(LENGTH, model.config().longestSequence());
        INDArray ids = Nd4j.create(model.graph().params().dataType(), SEQUENCES, length);
        for (int i = 0; i < SEQUENCES * length; i++) {
            ids.putScalar(i / length, i % length, (i * 7919L + 13) % vocabulary);
        }
        return model.graph().output(false, ids)[0].dup();
    }

    private static double difference(INDArray a, INDArray b) {
        return Transforms.abs(a.sub(b), false).maxNumber().doubleValue();
    }

    /** What differs by more than one rounding to the type; null if nothing does. */
    private static String requireRounding(Map<String, INDArray> merged, Map<String, INDArray> written, DType type) {
        double unit = type == DType.BF16 ? 0x1p-8 : type == DType.F16 ? 0x1p-11 : 0;
        double least = type == DType.F16 ? 0x1p-25 : type == DType.BF16 ? Float.MIN_NORMAL : 0;
        for (Map.Entry<String, INDArray> entry : merged.entrySet()) {
            INDArray bound = Transforms.abs(entry.getValue(), true).muli(unit);
            INDArray beyond = Transforms.abs(written.get(entry.getKey()).sub(entry.getValue()), false)
                    .subi(bound);
            double most = beyond.maxNumber().doubleValue();
            if (!(most <= least)) {
                return entry.getKey() + " is not its rounding to " + type;
            }
        }
        return null;
    }

    /** The tokenizer of an adapter may come without these files of its base. */
    private static void copyCompanions(ModelFiles files, Path target) throws IOException {
        for (Path from : List.of(files.dir(), files.base())) {
            for (String name : List.of("generation_config.json", TEMPLATE)) {
                boolean there = name.equals(TEMPLATE)
                        ? ChatTemplate.find(target).isPresent()
                        : Files.exists(target.resolve(name));
                if (!there && Files.exists(from.resolve(name))) {
                    Files.copy(from.resolve(name), target.resolve(name));
                }
            }
        }
    }
}
