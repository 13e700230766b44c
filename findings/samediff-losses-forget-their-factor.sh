#!/usr/bin/env bash
# ND4J 1.0.0-M2.1, SameDiff: what multiplies a loss of sd.loss() changes the loss and not its gradient.
#
# Guessed: 10 x loss has 10 times the gradient, -loss the opposite one, and a mask on the losses of the tokens takes
#   tokens out, as in PyTorch and TensorFlow.
# Seen:    the value is right, the gradient is that of the bare loss. A masked token is trained, a reward of -1
#   makes its token likelier, "loss + 0.1 x penalty" counts the penalty in full, and the mean of
#   sparseSoftmaxCrossEntropy has the gradient of its sum. So in all eight losses that were tried, in calculateGradients
#   and fit. The argument "weights" of the losses works, and so does a loss written with logSoftmax.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, SDLoss; linux-x86_64, JDK 17.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native</artifactId>
      <version>1.0.0-M2.1</version></dependency>
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native</artifactId><version>1.0.0-M2.1</version>
      <classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.7</version>
      <classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>openblas</artifactId><version>0.3.19-1.5.7</version>
      <classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
POM
cat > "$work/Loss.java" <<'JAVA'
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.nd4j.autodiff.loss.LossReduce;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

public class Loss {
    /** Three tokens of two logits; the labels are ids 0, 1, 0. */
    private static SameDiff graph(BiFunction<SameDiff, SDVariable, SDVariable> loss) {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.var("x", Nd4j.createFromArray(new float[][] {{0, 0}, {0, 0}, {0, 0}}));
        loss.apply(sd, x).sum("loss");
        sd.setLossVariables("loss");
        return sd;
    }

    private static void show(String name, BiFunction<SameDiff, SDVariable, SDVariable> loss) {
        SameDiff sd = graph(loss);
        INDArray gradient = sd.calculateGradients(Map.of(), "x").get("x");
        System.out.printf("%-24s value %6.3f  gradient by token %s%n", name,
                sd.getVariable("loss").eval().getDouble(0), firstColumn(gradient));
    }

    private static String firstColumn(INDArray x) {
        return Arrays.toString(x.getColumn(0).mul(1000).castTo(DataType.INT).toIntVector());
    }

    private static SDVariable oneHot(SameDiff sd) {
        return sd.constant(Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {1, 0}}));
    }

    private static SDVariable sparse(SameDiff sd, SDVariable x) {
        return sd.loss().sparseSoftmaxCrossEntropy(x, sd.constant(Nd4j.createFromArray(0, 1, 0)));
    }

    private static SDVariable mask(SameDiff sd) {
        return sd.constant(Nd4j.createFromArray(1f, 0f, -1f));
    }

    public static void main(String[] args) {
        show("by token", (sd, x) -> sparse(sd, x));
        show("by token x (1, 0, -1)", (sd, x) -> sparse(sd, x).mul(mask(sd)));
        show("mean", (sd, x) -> sparse(sd, x).mean());
        show("logSoftmax x (1, 0, -1)", (sd, x) ->
                sd.nn().logSoftmax(x).mul(oneHot(sd)).sum(1).neg().mul(mask(sd)));
        show("weights (1, 0, -1)", (sd, x) ->
                sd.loss().softmaxCrossEntropy(oneHot(sd), x, mask(sd), LossReduce.SUM, 0));
        Map<String, BiFunction<SameDiff, SDVariable, SDVariable>> losses = new TreeMap<>(Map.of(
                "softmaxCrossEntropy", (sd, x) -> sd.loss().softmaxCrossEntropy(oneHot(sd), x, null),
                "sigmoidCrossEntropy", (sd, x) -> sd.loss().sigmoidCrossEntropy(oneHot(sd), x, null),
                "meanSquaredError", (sd, x) -> sd.loss().meanSquaredError(oneHot(sd), x, null),
                "absoluteDifference", (sd, x) -> sd.loss().absoluteDifference(oneHot(sd), x, null),
                "huberLoss", (sd, x) -> sd.loss().huberLoss(oneHot(sd), x, null, 1),
                "logPoisson", (sd, x) -> sd.loss().logPoisson(oneHot(sd), x, null, false),
                "l2Loss", (sd, x) -> sd.loss().l2Loss(x.add(1))));
        losses.forEach((name, loss) -> {
            INDArray once = graph(loss).calculateGradients(Map.of(), "x").get("x");
            INDArray tenfold = graph((sd, x) -> loss.apply(sd, x).mul(10)).calculateGradients(Map.of(), "x").get("x");
            System.out.println("10 x " + name + ": the gradient is the same: "
                    + Arrays.deepEquals(once.toFloatMatrix(), tenfold.toFloatMatrix()));
        });
        SameDiff sd = graph((s, x) -> sparse(s, x).neg());
        sd.placeHolder("unused", DataType.FLOAT, 1);
        sd.setTrainingConfig(new TrainingConfig.Builder()
                .updater(new Sgd(1)).dataSetFeatureMapping("unused").markLabelsUnused().build());
        sd.fit(new DataSet(Nd4j.createFromArray(0f), null));
        System.out.println("logits after a step of fit on -loss, rate 1: " + firstColumn(sd.getVariable("x").getArr()));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Loss.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Loss 2>/dev/null | grep -vE '^Added differentiated')
expected='by token                 value  2.079  gradient by token [-500, 500, -500]
by token x (1, 0, -1)    value  0.000  gradient by token [-500, 500, -500]
mean                     value  0.693  gradient by token [-500, 500, -500]
logSoftmax x (1, 0, -1)  value  0.000  gradient by token [-500, 0, 500]
weights (1, 0, -1)       value  0.000  gradient by token [-500, 0, 500]
10 x absoluteDifference: the gradient is the same: true
10 x huberLoss: the gradient is the same: true
10 x l2Loss: the gradient is the same: true
10 x logPoisson: the gradient is the same: true
10 x meanSquaredError: the gradient is the same: true
10 x sigmoidCrossEntropy: the gradient is the same: true
10 x softmaxCrossEntropy: the gradient is the same: true
logits after a step of fit on -loss, rate 1: [500, -500, 500]'
printf 'nd4j-native 1.0.0-M2.1, gradients x 1000:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
