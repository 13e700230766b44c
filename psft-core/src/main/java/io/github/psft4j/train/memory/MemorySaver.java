package io.github.psft4j.train.memory;

import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.optimizer.Moments;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A change of settings that needs less memory.
 *
 * @param setting as a configuration spells it
 * @param saves bytes
 * @param plan with that setting
 */
public record MemorySaver(String setting, long saves, MemoryPlan plan) {

    /** Rank of the adapter that is proposed. */
    private static final int RANK = 16;

    private static final String ADAPTER = "lora.r: ";

    /** Less than a hundredth of the whole is not worth a change. */
    private static final int WORTH = 100;

    /** The changes that each save something, alone, those that save most first. */
    static List<MemorySaver> of(MemoryPlan plan) {
        ModelNumbers model = plan.model();
        RunNumbers run = plan.run();
        List<MemorySaver> savers = new ArrayList<>();
        if (model.adapter() == 0) {
            add(savers, plan, ADAPTER + RANK, model.withAdapterOfRank(RANK), run);
        }
        if (!run.recomputes()) {
            add(savers, plan, "train.recompute: blocks", model, run.with(Training.Recompute.BLOCKS));
        }
        if (run.staged()) {
            add(savers, plan, "checkpoint.asynchronous: false", model, run.waiting());
        }
        if (run.optimizer().moments() == Moments.FULL) {
            add(
                    savers,
                    plan,
                    "optimizer.moments: bf16",
                    model,
                    run.with(run.optimizer().with(Moments.BF16)));
        }
        int micro = run.batch().microBatch();
        for (int smaller : new int[] {run.batch().miniBatch(), micro / 2, run.together()}) {
            if (smaller >= 1 && smaller != micro && smaller % run.together() == 0) {
                add(savers, plan, "batch.micro: " + smaller, model, run.with(batch(run.batch(), smaller)));
            }
        }
        if (run.longest() > 2) {
            int half = (run.longest() + 1) / 2;
            add(savers, plan, "data.max_length: " + half, model, run.withLongest(half));
        }
        savers.sort(Comparator.comparingLong(MemorySaver::saves).reversed());
        return savers.stream().distinct().toList();
    }

    private static void add(
            List<MemorySaver> savers, MemoryPlan before, String setting, ModelNumbers model, RunNumbers run) {
        MemoryPlan plan = MemoryPlan.of(model, run);
        long saves = before.total() - plan.total();
        if (saves > before.total() / WORTH) {
            savers.add(new MemorySaver(setting, saves, plan));
        }
    }

    private static Batch batch(Batch batch, int micro) {
        Map<String, Object> values = Setting.values(batch);
        values.put("microBatch", micro);
        return Setting.create(Batch.class, values);
    }

    /** Whether an adapter is trained instead of the weights. */
    boolean isAdapter() {
        return setting.startsWith(ADAPTER);
    }
}
