package io.github.psft4j.kernel;

import static io.github.psft4j.kernel.GuardedArrays.assertClose;
import static io.github.psft4j.kernel.GuardedArrays.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.cpu.gemm.Gemm;
import io.github.psft4j.kernel.cpu.gemm.GemmChoice;
import io.github.psft4j.kernel.cpu.gemm.OneDnn;
import io.github.psft4j.kernel.cpu.gemm.OneDnnGemm;
import io.github.psft4j.kernel.cpu.gemm.OpenBlasGemm;
import io.github.psft4j.kernel.cpu.rows.PlainRows;
import io.github.psft4j.kernel.cpu.rows.RowMath;
import io.github.psft4j.kernel.cpu.rows.RowMathFactory;
import io.github.psft4j.kernel.cpu.rows.VectorRows;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import io.github.psft4j.kernel.nd4j.split.RowSplit;
import io.github.psft4j.kernel.nd4j.split.SplitForm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every implementation of every operation against the plain loops of {@link ScalarReference}. */
public class TensorOpsTest {

    /**
     * An implementation, the type it is tried in, and the error allowed relative to the largest magnitude of a result.
     */
    public record Candidate(TensorOps ops, DataType type, double tolerance) {

        public GuardedArrays arrays(long seed) {
            return new GuardedArrays(type, seed);
        }

        @Override
        public String toString() {
            return ops.name() + ", " + type;
        }
    }

    static Stream<TensorOps> floatImplementations() {
        return Stream.concat(
                Stream.of(new TensorOps(new Nd4jForm()), split(2)),
                Stream.concat(
                        gemms().map(gemm -> new TensorOps(new CpuForm(new WorkerPool(2), gemm, Precision.F32))),
                        rowForms().flatMap(rows -> Stream.of(cpu(1, rows), cpu(2, rows)))));
    }

    /** Slices so small that the shapes of a test have many, and none is too small to be split. */
    static TensorOps split(int workers) {
        return new TensorOps(new SplitForm(new RowSplit(new WorkerPool(workers), 4096, 0)));
    }

    /** The forms of float products that this machine has. */
    static Stream<Gemm> gemms() {
        return OneDnn.status().problem() == null
                ? Stream.of(new OpenBlasGemm(), new OneDnnGemm())
                : Stream.of(new OpenBlasGemm());
    }

    public static TensorOps cpu(int workers, RowMath rows) {
        return new TensorOps(new CpuForm(new WorkerPool(workers), GemmChoice.of("auto"), Precision.F32, rows));
    }

    /** Both forms of the row kernels, if the Vector module was loaded. */
    static Stream<RowMath> rowForms() {
        return RowMathFactory.moduleLoaded()
                ? Stream.of(new PlainRows(), new VectorRows())
                : Stream.of(new PlainRows());
    }

    static Stream<Candidate> candidates() {
        return Stream.concat(
                Stream.of(new TensorOps(new Nd4jForm()), split(3), new TensorOps(new SplitForm(new WorkerPool(2))))
                        .map(ops -> new Candidate(ops, DataType.DOUBLE, 1e-12)),
                floatImplementations().map(ops -> new Candidate(ops, DataType.FLOAT, 1e-5)));
    }

    // B, T, H, KV, d: one token, one head, groups of 1, 2 and 4, odd lengths, more than one query block; window, scale
    static final List<AttentionShape> ATTENTION_SHAPES = List.of(
            new AttentionShape(1, 1, 1, 1, 2),
            new AttentionShape(3, 1, 4, 2, 4),
            new AttentionShape(1, 5, 1, 1, 2),
            new AttentionShape(2, 5, 3, 3, 4),
            new AttentionShape(2, 6, 4, 2, 4),
            new AttentionShape(3, 4, 8, 2, 2),
            new AttentionShape(1, 131, 4, 1, 4),
            new AttentionShape(
                    2, 7, 4, 2, 4, 3, 0.7), // windows: inside a block, of one position, across blocks, unused
            new AttentionShape(1, 5, 2, 1, 2, 1, 1),
            new AttentionShape(1, 200, 2, 1, 4, 70, 0.5),
            new AttentionShape(1, 131, 4, 2, 4, 5, 0.5),
            new AttentionShape(2, 6, 2, 2, 4, 100, 0.5));

    /**
     * Those of training: several sequences in a row, and rows so long that they need every kind of tile and a cut
     * within a head.
     */
    static final List<AttentionShape> TRAINING_SHAPES = Stream.concat(
                    ATTENTION_SHAPES.stream(),
                    Stream.of(
                            packed(
                                    new AttentionShape(2, 9, 4, 2, 4),
                                    "aaabbbbb.",
                                    "..ccddddd"), // padding behind and before, one row each
                            packed(new AttentionShape(1, 7, 2, 1, 2, 2, 0.5), "bbbaacc"),
                            packed(new AttentionShape(3, 5, 2, 1, 2), "aaa..", "bbbbb", "c...."),
                            packed(
                                    new AttentionShape(2, 300, 2, 1, 4),
                                    "a".repeat(7) + "c".repeat(270),
                                    "b".repeat(290)),
                            new AttentionShape(1, 700, 3, 3, 4),
                            new AttentionShape(1, 900, 2, 1, 4, 290, 0.5)))
            .toList();

    /** Sequences a, b, c of the rows, dots for padding. */
    private static AttentionShape packed(AttentionShape shape, String... rows) {
        int[] sequences = new int[shape.rows()];
        Arrays.fill(sequences, SequenceLayout.PADDING);
        for (int b = 0; b < rows.length; b++) {
            for (int t = 0; t < rows[b].length(); t++) {
                sequences[b * shape.time() + t] =
                        rows[b].charAt(t) == '.' ? SequenceLayout.PADDING : rows[b].charAt(t) - 'a';
            }
        }
        return shape.within(SequenceLayout.of(sequences, shape.batch(), shape.time()));
    }

    // ---- products

    @ParameterizedTest
    @MethodSource("candidates")
    void productsMatchScalarLoopsAndBetaZeroOverwritesNaN(Candidate it) {
        int[][] shapes = {
            {1, 1, 1}, {1, 3, 5}, {5, 1, 3}, {5, 3, 1}, {1, 1, 4}, {33, 17, 9}, {70, 64, 130}, {3, 129, 300}
        };
        for (int[] s : shapes) {
            for (double beta : new double[] {0, 1, 0.5}) {
                int n = s[0];
                int in = s[1];
                int out = s[2];
                GuardedArrays arrays = it.arrays(n + in + out);
                INDArray x = arrays.normal(n, in);
                INDArray w = arrays.normal(out, in);
                INDArray dy = arrays.normal(n, out);
                INDArray y = beta == 0 ? arrays.garbage(n, out) : arrays.normal(n, out);
                INDArray dx = beta == 0 ? arrays.garbage(n, in) : arrays.normal(n, in);
                INDArray dw = beta == 0 ? arrays.garbage(out, in) : arrays.normal(out, in);
                double[] xs = values(x);
                double[] ws = values(w);
                double[] dys = values(dy);
                double[] yExpected = ScalarReference.product(xs, false, ws, true, values(y), beta, n, out, in);
                double[] dxExpected = ScalarReference.product(dys, false, ws, false, values(dx), beta, n, in, out);
                double[] dwExpected = ScalarReference.product(dys, true, xs, false, values(dw), beta, out, in, n);

                it.ops().products().linear(x, w, y, beta);
                it.ops().products().gradInput(dy, w, dx, beta);
                it.ops().products().gradWeight(dy, x, dw, beta);

                String at = Arrays.toString(s) + " beta " + beta;
                assertClose(yExpected, y, it.tolerance(), "y " + at);
                assertClose(dxExpected, dx, it.tolerance(), "dx " + at);
                assertClose(dwExpected, dw, it.tolerance(), "dw " + at);
                arrays.assertGuardsIntact();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    public void bothGradientsAtOnceAreBitForBitTheTwo(Candidate it) {
        bothGradientsAtOnceAreBitForBitTheTwo(it.ops(), it.arrays(9));
    }

    public static void bothGradientsAtOnceAreBitForBitTheTwo(TensorOps ops, GuardedArrays arrays) {
        for (int[] s : new int[][] {{1, 1, 1}, {3, 129, 300}, {33, 17, 9}, {300, 20, 40}}) {
            INDArray dy = arrays.normal(s[0], s[2]);
            INDArray x = arrays.normal(s[0], s[1]);
            INDArray w = arrays.normal(s[2], s[1]);
            INDArray dx = arrays.normal(s[0], s[1]);
            INDArray dw = arrays.garbage(s[2], s[1]);
            INDArray dxAlone = dx.dup('c');
            INDArray dwAlone = arrays.garbage(s[2], s[1]);
            ops.products().grad(dy, x, w, dx, 1, dw, 0);
            ops.products().gradInput(dy, w, dxAlone, 1);
            ops.products().gradWeight(dy, x, dwAlone, 0);
            assertClose(values(dxAlone), dx, 0, "dx");
            assertClose(values(dwAlone), dw, 0, "dw");
            arrays.assertGuardsIntact();
        }
    }

    // ---- rows

    @ParameterizedTest
    @MethodSource("candidates")
    void gatherCopiesRowsAndScatterAddsRepeatedOnes(Candidate it) {
        int[] crowded = IntStream.range(0, 5000).map(i -> i % 7 % 5).toArray(); // parallel additions would race
        int[][] idLists = {{3}, {0, 4, 2}, {2, 2, 0, 2, 4, 0, 2}, crowded};
        for (int[] ids : idLists) {
            for (int width : new int[] {1, 2, 37}) {
                GuardedArrays arrays = it.arrays(ids.length * 100L + width);
                INDArray table = arrays.normal(5, width);
                INDArray out = arrays.garbage(ids.length, width);
                it.ops().vectors().gatherRows(table, ids, out);

                INDArray dy = arrays.normal(ids.length, width);
                INDArray dTable = arrays.normal(5, width);
                double[] rows = values(table);
                double[] gathered = values(dy);
                double[] summed = values(dTable);
                for (int i = 0; i < gathered.length; i++) {
                    int at = ids[i / width] * width + i % width;
                    summed[at] += gathered[i];
                    gathered[i] = rows[at];
                }
                it.ops().vectors().scatterAddRows(dy, ids, dTable);

                assertClose(gathered, out, 0, "gather");
                assertClose(summed, dTable, it.tolerance(), "scatter");
                arrays.assertGuardsIntact();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void everyRowIsHandedOnOnceAsACopy(Candidate it) {
        int width = 37;
        INDArray x = it.arrays(9).normal(9, width);
        double[] seen = new double[9 * width];
        it.ops().vectors().eachRow(x, (i, row) -> {
            for (int c = 0; c < width; c++) {
                seen[i * width + c] += row[c];
                row[c] = Float.NaN;
            }
        });
        assertClose(seen, x, 1e-6, "rows as floats, of an array that is as it was");
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void rmsNormAndItsGradientMatchScalarLoops(Candidate it) {
        double eps = 0.1; // large, or a row of one channel has a gradient near 0 that only rounding decides
        int[][] shapes = {{1, 1}, {1, 7}, {5, 1}, {6, 33}, {40, 64}, {3, 1000}};
        for (int[] s : shapes) {
            for (double beta : new double[] {0, 1, 0.5}) {
                int n = s[0];
                int width = s[1];
                GuardedArrays arrays = it.arrays(n + width);
                INDArray x = arrays.normal(n, width);
                INDArray gain = arrays.normal(width);
                INDArray dy = arrays.normal(n, width);
                INDArray y = arrays.garbage(n, width);
                INDArray inverseRms = arrays.garbage(n);
                INDArray dx = beta == 0 ? arrays.garbage(n, width) : arrays.normal(n, width);
                INDArray dGain = arrays.garbage(width);
                double[] xs = values(x);
                double[] gains = values(gain);
                double[] dys = values(dy);
                double[] dxExpected = ScalarReference.rmsNormGradInput(dys, xs, gains, eps, values(dx), beta);

                it.ops().norms().forward(x, new WeightAndBias(gain, null), eps, y, inverseRms);
                it.ops()
                        .norms()
                        .grad(
                                dy,
                                x,
                                new WeightAndBias(gain, null),
                                inverseRms,
                                dx,
                                beta,
                                new WeightAndBias(dGain, null));

                String at = Arrays.toString(s) + " beta " + beta;
                assertClose(ScalarReference.rmsNorm(xs, gains, eps), y, it.tolerance(), "y " + at);
                assertClose(ScalarReference.inverseRms(xs, width, eps), inverseRms, it.tolerance(), "1/rms " + at);
                assertClose(dxExpected, dx, it.tolerance(), "dx " + at);
                assertClose(ScalarReference.rmsNormGradGain(dys, xs, width, eps), dGain, it.tolerance(), "dGain " + at);
                arrays.assertGuardsIntact();
            }
        }
    }

    // ---- whole vectors

    @ParameterizedTest
    @MethodSource("candidates")
    void adamWMatchesScalarLoopsOverThreeSteps(Candidate it) {
        for (int n : new int[] {1, 1001, (1 << 20) + 5}) {
            GuardedArrays arrays = it.arrays(n);
            INDArray w = arrays.normal(n);
            INDArray m = arrays.of(new double[n], n);
            INDArray v = arrays.of(new double[n], n);
            double[] ws = values(w);
            double[] ms = new double[n];
            double[] vs = new double[n];
            for (int t = 1; t <= 3; t++) {
                AdamWStep step = new AdamWStep(1e-2, 0.9, 0.999, 1e-8, 0.1, 0.25, t);
                INDArray gradient = arrays.normal(1, n);
                double[] gradients = values(gradient);
                it.ops().vectors().adamW(w, gradient, m, v, step);
                ScalarReference.adamW(ws, gradients, ms, vs, step);
                assertClose(gradients, gradient, 0, "the gradient is not to be written");
            }
            assertClose(ws, w, it.tolerance(), "w");
            assertClose(ms, m, it.tolerance(), "m");
            assertClose(vs, v, it.tolerance(), "v");
            arrays.assertGuardsIntact();
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void sumsOfSquaresAreAccumulatedInDouble(Candidate it) {
        for (int n : new int[] {1, 7, 1_000_003}) {
            INDArray x = it.arrays(n).normal(n);
            double expected = Arrays.stream(values(x)).map(a -> a * a).sum();
            assertEquals(expected, it.ops().vectors().sumOfSquares(x), 1e-7 * expected, "n = " + n);
        }
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void addAndCopyTakeArraysOfEqualLengthAndAnyShape(Candidate it) {
        for (int n : new int[] {1, 6, 1001}) {
            GuardedArrays arrays = it.arrays(n);
            INDArray x = arrays.normal(n);
            INDArray sum = arrays.normal(1, n);
            INDArray copy = arrays.garbage(n, 1);
            double[] xs = values(x);
            double[] expected = values(sum);
            Arrays.setAll(expected, i -> expected[i] + xs[i]);
            it.ops().vectors().add(x, sum);
            it.ops().vectors().copy(x, copy);
            assertClose(expected, sum, it.tolerance(), "sum");
            assertClose(xs, copy, 0, "copy");
            arrays.assertGuardsIntact();
        }
    }
}
