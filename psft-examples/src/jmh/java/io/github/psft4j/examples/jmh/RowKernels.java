package io.github.psft4j.examples.jmh;

import io.github.psft4j.kernel.Activation;
import io.github.psft4j.kernel.AdamWStep;
import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.RotaryTable;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.kernel.cpu.CpuForm;
import io.github.psft4j.kernel.nd4j.split.SplitForm;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Milliseconds of one call of every row kernel on arrays of 2,048 rows, in each of the three forms; {@code -prof gc}
 * shows whether vectors became objects.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-modules",
            "jdk.incubator.vector",
            "-Xmx512m",
            "-Dorg.bytedeco.javacpp.maxbytes=4g",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=6g"
        })
public class RowKernels {

    private static final int N = 2048;
    private static final double EPS = 1e-5;

    /** Form of the kernels. */
    @Param({"vector", "plain", "portable"})
    public String form;

    /** Width D of the rows. */
    @Param({"256", "1024", "8192"})
    public int width;

    /** Workers. */
    @Param("2")
    public int threads;

    private TensorOps ops;
    private INDArray x; // [N, D]
    private INDArray y; // [N, D]
    private INDArray dy; // [N, D]
    private INDArray half; // [N, D/2]
    private INDArray dHalf; // [N, D/2]
    private INDArray gain; // [D]
    private INDArray bias; // [D]
    private INDArray dGain; // [D]
    private INDArray dBias; // [D]
    private INDArray inverse; // [N]
    private INDArray logits; // [N, D], written in place
    private INDArray first; // [N, D]
    private INDArray second; // [N, D]
    private INDArray weights; // [N, D]
    private AttentionShape shape;
    private RotaryTable rotary;
    private int[] targets;
    private double[] scale;
    private TokenStatistics statistics;

    /** Every combination of parameters has a process of its own, so the choice of the form holds for all of it. */
    @Setup
    public void prepare() {
        WorkerPool pool = new WorkerPool(threads);
        if (form.equals("portable")) {
            ops = new TensorOps(new SplitForm(pool));
        } else {
            System.setProperty("psft.rows", form);
            ops = new TensorOps(new CpuForm(pool));
        }
        Nd4j.getRandom().setSeed(1);
        x = Nd4j.randn(N, width);
        dy = Nd4j.randn(N, width);
        y = Nd4j.zeros(N, width);
        half = Nd4j.zeros(N, width / 2);
        dHalf = Nd4j.randn(N, width / 2);
        gain = Nd4j.rand(width);
        bias = Nd4j.rand(width);
        dGain = Nd4j.zeros(width);
        dBias = Nd4j.zeros(width);
        inverse = Nd4j.ones(N);
        logits = x.dup();
        first = Nd4j.zeros(N, width);
        second = Nd4j.zeros(N, width);
        weights = x.dup();
        shape = new AttentionShape(16, N / 16, width / 64 - 2, 1, 64);
        rotary = new RotaryTable(N / 16, 64, 10_000);
        targets = new int[N];
        scale = new double[N];
        Arrays.setAll(targets, i -> i * 31 % width);
        Arrays.fill(scale, 1e-3);
        statistics = TokenStatistics.ofRows(N);
        ops.norms().forward(x, new WeightAndBias(gain, null), EPS, y, inverse);
    }

    @Benchmark
    public void rmsNorm() {
        ops.norms().forward(x, new WeightAndBias(gain, null), EPS, y, inverse);
    }

    @Benchmark
    public void rmsNormGrad() {
        ops.norms().grad(dy, x, new WeightAndBias(gain, null), inverse, y, 0, new WeightAndBias(dGain, null));
    }

    @Benchmark
    public void layerNorm() {
        ops.norms().forward(x, new WeightAndBias(gain, bias), EPS, y, inverse);
    }

    @Benchmark
    public void layerNormGrad() {
        ops.norms().grad(dy, x, new WeightAndBias(gain, null), inverse, y, 0, new WeightAndBias(dGain, dBias));
    }

    @Benchmark
    public void gelu() {
        ops.activations().apply(Activation.GELU, x, y);
    }

    @Benchmark
    public void geluGrad() {
        ops.activations().grad(Activation.GELU, dy, x, y);
    }

    @Benchmark
    public void geluTanh() {
        ops.activations().apply(Activation.GELU_TANH, x, y);
    }

    @Benchmark
    public void siluGate() {
        ops.activations().gated(Activation.SILU, x, half);
    }

    @Benchmark
    public void siluGateGrad() {
        ops.activations().gatedGrad(Activation.SILU, dHalf, x, y);
    }

    @Benchmark
    public void softmaxAndGrad() {
        ops.softmax().forward(logits, targets, 0, statistics);
        ops.softmax().grad(logits, targets, 0, statistics, scale);
    }

    @Benchmark
    public void rotate() {
        ops.attention().rotate(y, shape, rotary, 0, false);
    }

    @Benchmark
    public void adamW() {
        ops.vectors().adamW(weights, dy, first, second, new AdamWStep(1e-3, 0.9, 0.999, 1e-8, 0.1, 1, 10));
    }

    @Benchmark
    public double sumOfSquares() {
        return ops.vectors().sumOfSquares(x);
    }

    @Benchmark
    public void addRow() {
        ops.vectors().addRow(bias, y);
    }

    @Benchmark
    public void sumRows() {
        ops.vectors().sumRows(dy, dBias);
    }

    @Benchmark
    public void copy() {
        ops.vectors().copy(x, y);
    }
}
