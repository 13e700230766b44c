package io.github.psft4j.bench;

import io.github.psft4j.io.MachineMemory;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.choose.TensorOpsFactory;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.LossSweep;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The PSFT loss alone, forward and backward from logits {@code [rows, vocab]} into the same array, as the head runs it.
 */
public final class LossBench {

    private static final int WARM_UP = 20;

    private LossBench() {}

    /**
     * @param rows number of tokens
     * @param vocabulary width of a row
     * @param repeats counted repeats
     */
    public static BenchResult run(int rows, int vocabulary, int repeats) {
        Random random = new Random(1);
        MachineMemory.require(2L * rows * vocabulary, DataType.FLOAT, "two arrays of logits");
        TensorOps ops = TensorOpsFactory.forType(DataType.FLOAT);
        INDArray original = Nd4j.randn(DataType.FLOAT, rows, vocabulary); // [rows, vocab]
        INDArray logits = Nd4j.createUninitialized(DataType.FLOAT, rows, vocabulary); // [rows, vocab]
        int[] targets = random.ints(rows, 0, vocabulary).toArray();
        double[] old = random.doubles(rows, -10, -8).toArray();
        double[] times = new double[repeats];
        for (int i = -WARM_UP; i < repeats; i++) {
            ops.vectors().copy(original, logits);
            long start = System.nanoTime();
            TokenBatch tokens = new TokenBatch(
                    targets,
                    IntStream.range(0, rows).toArray(),
                    rows,
                    new int[rows],
                    1,
                    Map.of(Column.OLD_LOG_PROB, old));
            LossSweep sweep = new LossSweep(new PsftObjective(), Aggregation.TOKEN_MEAN, null, tokens);
            ops.softmax().forward(logits, targets, 0, tokens.statistics());
            sweep.accept(0, rows);
            ops.softmax().grad(logits, targets, 0, tokens.statistics(), sweep.scale());
            if (i >= 0) {
                times[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("rows", rows);
        settings.put("vocab", vocabulary);
        return BenchResult.ofRepeats("loss", settings, times, rows, Map.of(), ops.name());
    }
}
