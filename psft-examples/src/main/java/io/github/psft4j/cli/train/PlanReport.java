package io.github.psft4j.cli.train;

import io.github.psft4j.bench.BenchWords;
import io.github.psft4j.cli.console.Json;
import io.github.psft4j.cli.input.Cluster;
import io.github.psft4j.cli.input.DataSettings;
import io.github.psft4j.cli.input.ModelFiles;
import io.github.psft4j.config.Bundled;
import io.github.psft4j.config.ConfigLoader;
import io.github.psft4j.config.RunConfig;
import io.github.psft4j.config.Sections.Data;
import io.github.psft4j.config.Sections.Model;
import io.github.psft4j.data.DemonstrationFiles;
import io.github.psft4j.data.DemonstrationSet;
import io.github.psft4j.hf.text.ChatTemplate;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.io.Shown;
import io.github.psft4j.train.memory.ClusterMemory;
import io.github.psft4j.train.memory.GenerationMemory;
import io.github.psft4j.train.memory.MemoryPlan;
import io.github.psft4j.train.memory.MemoryPlan.Part;
import io.github.psft4j.train.memory.MemorySaver;
import io.github.psft4j.train.memory.ModelNumbers;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What {@code psft plan} prints.
 *
 * @param subject one line: of what
 * @param parts of the sum
 * @param savers settings that need less, those that save most first
 * @param cluster the shares of driver and executors, which are printed instead; null for one process
 */
record PlanReport(String subject, List<Part> parts, List<MemorySaver> savers, ClusterMemory cluster) {

    /** The plan of a training run; its data are read for the longest demonstration unless a length is given. */
    static PlanReport ofRun(Path file, List<String> overrides, int length, boolean cluster) {
        RunConfig given = ConfigLoader.load(file, overrides);
        Model settings = given.get(Model.class);
        ModelFiles files = ModelFiles.of(Bundled.resolve(settings.path()), settings.base());
        DecoderConfig model = files.config();
        RunConfig config = given.withMaxLength(ModelFiles.longestRow(model.maxPositions()));
        int longest = length > 0 ? length : longest(config, files);
        MemoryPlan plan = TrainerSetup.memory(config, model, files, longest).chosen();
        Training.Recompute asked = config.get(Training.class).recompute();
        Training.Recompute used = plan.run().train().recompute();
        String subject = Shown.format(
                "%s, %,d parameters, %d x %,d tokens a pass, %s, recompute %s%s",
                settings.path(),
                model.parameters(),
                config.get(Batch.class).microBatch(),
                longest - 1,
                settings.precision().name().toLowerCase(Locale.ROOT),
                asked.name().toLowerCase(Locale.ROOT),
                asked == used ? "" : " (" + used.name().toLowerCase(Locale.ROOT) + ")");
        return new PlanReport(
                subject, plan.parts(), plan.savers(), cluster ? ClusterMemory.of(plan, Cluster.wireBytes()) : null);
    }

    private static int longest(RunConfig config, ModelFiles files) {
        Data data = config.get(Data.class);
        ChatTemplate template = files.template(data.chatTemplate());
        try (Tokenizer tokenizer = files.tokenizer()) {
            if (config.samples()) {
                return RolloutSetup.read(config, files, tokenizer, template).longest();
            }
            try (DemonstrationSet set = DemonstrationFiles.read(
                    DataSettings.of(data, data.train(), config.objective()), tokenizer, template)) {
                return IntStream.range(0, set.size()).map(set::length).max().orElse(data.maxLength());
            }
        }
    }

    /** The plan of a generation. */
    static PlanReport ofGeneration(String path, String precision, int sequences, int prompt, int length) {
        DecoderConfig model = ModelFiles.of(Bundled.resolve(path)).config();
        ModelNumbers numbers = ModelNumbers.of(model, Float.BYTES, BenchWords.precision(precision));
        String subject = Shown.format(
                "%s, %,d parameters, generation of %d x %,d tokens, %s",
                path, model.parameters(), sequences, length, precision);
        if (length > model.longestSequence()) {
            throw new RefusedException(
                    "--length " + length + " is more than the model's " + model.longestSequence() + " positions");
        }
        return new PlanReport(subject, GenerationMemory.of(numbers, sequences, prompt, length), List.of(), null);
    }

    private long total() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    String text() {
        long there = MachineMemory.physical();
        List<String> lines = new ArrayList<>();
        lines.add(subject);
        if (cluster != null) {
            lines.add("driver");
            share(lines, cluster.driver(), cluster.driverHeap());
            lines.add("executor, for each task slot");
            share(lines, cluster.slot(), cluster.slotHeap());
            return String.join(System.lineSeparator(), lines);
        }
        parts.forEach(part -> lines.add(row(part.what(), part.bytes())));
        lines.add(row("sum", total()));
        if (there > 0) {
            lines.add(row("this machine or container has", there)
                    + (total() <= there ? "" : ": too little by " + megabytes(total() - there)));
        }
        if (!savers.isEmpty()) {
            lines.add("");
            lines.add("One of these settings saves:");
            savers.forEach(saver -> lines.add(row(saver.setting(), saver.saves())
                    + (there > 0 && total() > there && saver.plan().total() <= there ? "  fits then" : "")));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static void share(List<String> lines, List<Part> parts, long heap) {
        parts.forEach(part -> lines.add(row(part.what(), part.bytes())));
        lines.add(row("gradients and weights in the heap", heap));
        lines.add(row("sum", ClusterMemory.sum(parts) + heap));
    }

    private static Map<String, Long> bytes(List<Part> parts) {
        Map<String, Long> bytes = new LinkedHashMap<>();
        parts.forEach(part -> bytes.put(part.what(), part.bytes()));
        return bytes;
    }

    String json() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("subject", subject);
        if (cluster != null) {
            out.put("driver", bytes(cluster.driver()));
            out.put("driver_heap", cluster.driverHeap());
            out.put("slot", bytes(cluster.slot()));
            out.put("slot_heap", cluster.slotHeap());
            return Json.text(out);
        }
        out.put("parts", bytes(parts));
        out.put("total", total());
        out.put("machine", MachineMemory.physical());
        out.put("machine_with_swap", MachineMemory.withSwap());
        Map<String, Long> saves = new LinkedHashMap<>();
        savers.forEach(saver -> saves.put(saver.setting(), saver.saves()));
        out.put("saves", saves);
        return Json.text(out);
    }

    private static String row(String what, long bytes) {
        return Shown.format("  %-36s %12s", what, megabytes(bytes));
    }

    private static String megabytes(long bytes) {
        return Shown.format("%,.0f MB", bytes / 1e6);
    }
}
