package io.github.psft4j.train.memory;

import io.github.psft4j.train.memory.MemoryPlan.Part;
import io.github.psft4j.train.settings.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a run on a cluster takes of the driver and of each task slot of an executor, known before anything is loaded.
 *
 * <pre>
 * driver   = weights + moments + copy for checkpoints + (1 sum + 1 slice) T w + Java
 * its heap = (S + 2) T v
 * slot     = the run's plan without moments, copy and sum
 * its heap = 3 T v
 * </pre>
 *
 * <p>T are the trained parameters of w bytes each, v bytes on the wire, S = ceil(batch.mini / batch.micro) the slices
 * of a mini-batch, whose gradients come home at once. Two more vectors of the heap are the weights to send and their
 * broadcast.
 *
 * @param driver what lies outside the heap of the driver, Java itself included
 * @param driverHeap bytes of its heap for gradients and weights
 * @param slot what lies outside the heap of an executor for one task slot, Java itself included
 * @param slotHeap bytes of its heap for weights and a gradient
 */
public record ClusterMemory(List<Part> driver, long driverHeap, List<Part> slot, long slotHeap) {

    /** Of the optimizer or of several slices, which executors do not have. */
    private static final Set<String> DRIVER_ALONE = Set.of(MemoryPlan.MOMENTS, MemoryPlan.COPY, MemoryPlan.BESIDE);

    /**
     * The share of a plan for one process that driver and executors have.
     *
     * @param wireBytes of a number on the wire
     */
    public static ClusterMemory of(MemoryPlan plan, int wireBytes) {
        long vector = vector(plan.model());
        Batch batch = plan.run().batch();
        long slices = (batch.miniBatch() + batch.microBatch() - 1L) / batch.microBatch();
        List<Part> driver = new ArrayList<>();
        for (Part part : plan.parts()) {
            if (part.what().equals(MemoryPlan.GRADIENT)) {
                driver.add(new Part("gradient of a slice", vector, true, null));
                if (slices > 1) {
                    driver.add(new Part("sum of the slices' gradients", vector, true, null));
                }
            } else if (part.certain() || part.what().equals(MemoryPlan.JAVA_ITSELF)) {
                driver.add(part);
            }
        }
        List<Part> slot = plan.parts().stream()
                .filter(part -> !DRIVER_ALONE.contains(part.what()))
                .toList();
        return new ClusterMemory(
                List.copyOf(driver),
                Math.multiplyExact(slices + 2, onWire(plan.model(), wireBytes)),
                slot,
                slotHeap(plan.model(), wireBytes));
    }

    private static long vector(ModelNumbers model) {
        return Math.multiplyExact(model.trained(), (long) model.width());
    }

    private static long onWire(ModelNumbers model, int wireBytes) {
        return Math.multiplyExact(model.trained(), (long) wireBytes);
    }

    /** Bytes of an executor's heap for one task slot: weights that come, and a gradient that goes. */
    public static long slotHeap(ModelNumbers model, int wireBytes) {
        return Math.multiplyExact(3, onWire(model, wireBytes));
    }

    /** Bytes outside the heap that any task slot takes: weights and gradient, without activations and Java itself. */
    public static long slotLeast(ModelNumbers model) {
        return Math.addExact(model.weights(), vector(model));
    }

    /** Bytes of some parts. */
    public static long sum(List<Part> parts) {
        return parts.stream().mapToLong(Part::bytes).reduce(0, Math::addExact);
    }

    /** One line: both sums. */
    public String line() {
        return "memory: the driver about " + of(driver, driverHeap) + "; each task slot of an executor about "
                + of(slot, slotHeap);
    }

    private static String of(List<Part> parts, long heap) {
        return MemoryPlan.gigabytes(sum(parts) + heap) + ", " + MemoryPlan.gigabytes(heap) + " of it heap ("
                + parts.stream()
                        .filter(part -> part.bytes() >= sum(parts) / 20)
                        .map(part -> part.what() + " " + MemoryPlan.gigabytes(part.bytes()))
                        .collect(Collectors.joining(", "))
                + ")";
    }
}
