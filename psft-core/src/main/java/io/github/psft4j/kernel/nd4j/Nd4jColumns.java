package io.github.psft4j.kernel.nd4j;

import io.github.psft4j.kernel.TensorOps;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** A few columns of long rows in {@link Nd4jForm}: the largest values, and reads and writes of chosen ones. */
final class Nd4jColumns {

    private Nd4jColumns() {}

    /** See {@link TensorOps#topK}. */
    static void topK(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        int n = Math.toIntExact(x.size(0));
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray top = tmp.empty(n, k);
            INDArray at = Nd4j.createUninitialized(DataType.INT64, new long[] {n, k}, 'c');
            Nd4j.exec(DynamicCustomOp.builder("top_k")
                    .addInputs(x)
                    .addOutputs(top, at)
                    .addIntegerArguments(k, 1) // 1: sorted, largest first
                    .build());
            System.arraycopy(top.data().asDouble(), 0, values, firstRow * k, n * k);
            System.arraycopy(at.data().asInt(), 0, ids, firstRow * k, n * k);
        }
    }

    /** See {@link TensorOps#gatherColumns}. */
    static void gather(INDArray x, int k, int firstRow, int[] ids, double[] values) {
        int n = Math.toIntExact(x.size(0));
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            INDArray out = tmp.empty((long) n * k);
            Nd4j.exec(DynamicCustomOp.builder("gather_nd")
                    .addInputs(x, cells(n, k, firstRow, ids, tmp))
                    .addOutputs(out)
                    .build());
            System.arraycopy(out.data().asDouble(), 0, values, firstRow * k, n * k);
        }
    }

    /** See {@link TensorOps#addColumns}. */
    static void add(double[] values, int k, int firstRow, int[] ids, INDArray x) {
        int n = Math.toIntExact(x.size(0));
        double[] chunk = java.util.Arrays.copyOfRange(values, firstRow * k, (firstRow + n) * k);
        try (Nd4jTemporaries tmp = new Nd4jTemporaries(x.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_nd_add")
                    .addInputs(x, cells(n, k, firstRow, ids, tmp), tmp.vector(chunk))
                    .addOutputs(x)
                    .build());
        }
    }

    /** Cells {@code (i, id)}, {@code [n k, 2]}; all different, so that their order does not matter. */
    private static INDArray cells(int n, int k, int firstRow, int[] ids, Nd4jTemporaries tmp) {
        int[][] cells = new int[n * k][];
        for (int i = 0; i < n * k; i++) {
            cells[i] = new int[] {i / k, ids[firstRow * k + i]};
        }
        return tmp.indices(cells);
    }
}
