package io.github.psft4j.kernel.nd4j;

import io.github.psft4j.kernel.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Value and slope of an {@link Activation} in {@link Nd4jForm}; arrays live as long as the temporaries.
 *
 * <p>ND4J's erf takes four times as long as its exponential; in FLOAT {@link Nd4jGelu} takes its place.
 */
final class Nd4jActivation {

    private final Activation activation;
    private final INDArray x;
    private final INDArray gate; // g(x); none for GELU in FLOAT
    private final Nd4jTemporaries tmp;

    /** x is dense and is not written to. */
    Nd4jActivation(Activation activation, INDArray x, Nd4jTemporaries tmp) {
        this.activation = activation;
        this.x = x;
        this.tmp = tmp;
        this.gate = direct() ? null : gate();
    }

    /** Writes {@code x g(x)}. */
    void valueTo(INDArray out) {
        if (direct()) {
            Nd4jGelu.value(x, out, tmp);
        } else {
            Nd4j.exec(new MulOp(x, gate, out));
        }
    }

    private boolean direct() {
        return activation == Activation.GELU && x.dataType() == DataType.FLOAT;
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
        Nd4j.exec(new ScalarMultiplication(x, null, g, 1 / Math.sqrt(2)));
        Nd4j.exec(new Erf(g, g));
        g.addi(1).muli(0.5);
    }

    /** {@code g(x) + x g'(x)}, a fresh array. */
    INDArray slope() {
        if (direct()) {
            return Nd4jGelu.slope(x, tmp);
        }
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
                Nd4j.exec(new MulOp(x, x, slope));
                Transforms.exp(slope.muli(-0.5), false);
                slope.muli(x).muli(1 / Math.sqrt(2 * Math.PI)).addi(gate);
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
