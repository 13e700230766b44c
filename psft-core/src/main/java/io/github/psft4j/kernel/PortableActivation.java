package io.github.psft4j.kernel;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.api.ops.impl.transforms.same.Sign;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Value and slope of an {@link Activation} in {@link PortableOps}; arrays live as long as the temporaries.
 *
 * <p>ND4J's erf takes four times as long as its exponential. In FLOAT the normal distribution is therefore computed from the
 * exponential that its slope needs anyhow, as in the other forms (Abramowitz and Stegun 7.1.26, error below 1e-7).
 */
final class PortableActivation {

    private static final double ERF_P = 0.3275911 / Math.sqrt(2);

    /** Coefficients of t⁵ to t, halved. */
    private static final double[] ERF = {
        1.061405429 / 2, -1.453152027 / 2, 1.421413741 / 2, -0.284496736 / 2, 0.254829592 / 2
    };

    private final Activation activation;
    private final INDArray x;
    private final INDArray gate; // g(x)
    private INDArray density; // exp(-x²/2), of GELU
    private final Temporaries tmp;

    /** x is dense and is not written to. */
    PortableActivation(Activation activation, INDArray x, Temporaries tmp) {
        this.activation = activation;
        this.x = x;
        this.tmp = tmp;
        this.gate = gate();
    }

    /** Writes {@code x g(x)}. */
    void valueTo(INDArray out) {
        Nd4j.exec(new MulOp(x, gate, out));
    }

    /** {@code x g(x)}, a fresh array. */
    INDArray value() {
        INDArray value = tmp.empty(x.shape());
        valueTo(value);
        return value;
    }

    private INDArray gate() {
        INDArray g = tmp.empty(x.shape());
        switch (activation) {
            case SILU -> Nd4j.exec(new Sigmoid(x, g));
            case QUICK_GELU -> {
                Nd4j.exec(new ScalarMultiplication(x, null, g, Activation.QUICK));
                Nd4j.exec(new Sigmoid(g, g));
            }
            case GELU -> normal(g);
            case GELU_TANH -> {
                Nd4j.exec(new MulOp(x, x, g));
                g.muli(Activation.TANH_CUBE).addi(1).muli(x).muli(Activation.TANH_SLOPE);
                Nd4j.exec(new Sigmoid(g, g));
            }
            case RELU -> Nd4j.exec(new Step(x, g, 0));
        }
        return g;
    }

    /** The standard normal distribution function of x. */
    private void normal(INDArray g) {
        if (x.dataType() == DataType.DOUBLE) {
            Nd4j.exec(new ScalarMultiplication(x, null, g, 1 / Math.sqrt(2)));
            Nd4j.exec(new Erf(g, g));
            g.addi(1).muli(0.5);
            return;
        }
        INDArray t = tmp.empty(x.shape());
        Nd4j.exec(new Abs(x, t));
        t.muli(ERF_P).addi(1).rdivi(1);
        Nd4j.exec(new ScalarMultiplication(t, null, g, ERF[0]));
        for (int i = 1; i < ERF.length; i++) {
            g.addi(ERF[i]).muli(t);
        }
        g.muli(density()).rsubi(0.5); // half of erf(|x| / sqrt(2))
        Nd4j.exec(new Sign(x, t));
        g.muli(t).addi(0.5);
    }

    private INDArray density() {
        if (density == null) {
            density = tmp.empty(x.shape());
            Nd4j.exec(new MulOp(x, x, density));
            Transforms.exp(density.muli(-0.5), false);
        }
        return density;
    }

    /** {@code g(x) + x g'(x)}, a fresh array. */
    INDArray slope() {
        INDArray slope = tmp.empty(x.shape());
        switch (activation) {
            case SILU -> slope.assign(gate).rsubi(1).muli(gate).muli(x).addi(gate);
            case QUICK_GELU ->
                slope.assign(gate)
                        .rsubi(1)
                        .muli(gate)
                        .muli(x)
                        .muli(Activation.QUICK)
                        .addi(gate);
            case GELU -> {
                Nd4j.exec(new MulOp(x, density(), slope));
                slope.muli(1 / Math.sqrt(2 * Math.PI)).addi(gate);
            }
            case GELU_TANH -> {
                Nd4j.exec(new MulOp(x, x, slope));
                slope.muli(3 * Activation.TANH_CUBE).addi(1).muli(Activation.TANH_SLOPE);
                INDArray inner =
                        tmp.empty(x.shape()).assign(gate).rsubi(1).muli(gate).muli(x);
                slope.muli(inner).addi(gate);
            }
            case RELU -> slope.assign(gate);
        }
        return slope;
    }
}
