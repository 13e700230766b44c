#!/usr/bin/env bash
# DL4J 1.0.0-M2.1: gradient() in iterationDone, and after fit, is the step that was taken, not the gradient.
#
# Guessed: model.gradient() in a TrainingListener is the gradient of the loss; its norm shows what the clipping limit is
#   compared with, and a layer that stops learning.
# Seen:    the updater writes its step into the array of the gradient. In onBackwardPass it is the gradient, summed over
#   the rows, before it is divided by their number and clipped; in iterationDone it is the change of the weights.
#   With Adam each number of the first step is the learning rate, whatever the loss: labels of 0.51 and of 1000 both
#   give a "gradient norm" of 0.022. A plot of it shows the schedule and no explosion.
# Source:  org.deeplearning4j:deeplearning4j-nn:1.0.0-M2.1, MultiLayerNetwork; linux-x86_64, JDK 17.
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
    <dependency><groupId>org.deeplearning4j</groupId><artifactId>deeplearning4j-nn</artifactId>
      <version>1.0.0-M2.1</version></dependency>
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
cat > "$work/After.java" <<'JAVA'
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

public class After {
    /** One step of y = w x + b from w = 0 on two rows; the loss is the squared error. */
    private static void step(IUpdater updater, float label) {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().updater(updater).list()
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(1).activation(Activation.IDENTITY).build())
                .build());
        net.init();
        net.params().assign(0);
        INDArray before = net.params().dup();
        StringBuilder seen = new StringBuilder();
        net.setListeners(new BaseTrainingListener() {
            @Override
            public void onBackwardPass(Model model) {
                seen.append(", onBackwardPass ").append(norm(model.gradient().gradient()));
            }

            @Override
            public void iterationDone(Model model, int iteration, int epoch) {
                seen.append(", iterationDone ").append(norm(model.gradient().gradient()));
            }
        });
        net.fit(new DataSet(Nd4j.createFromArray(new float[][] {{1, 2, -1, 3}, {1, -1, 2, 2}}),
                Nd4j.createFromArray(new float[][] {{label}, {label}})));
        System.out.println(updater.getClass().getSimpleName() + ", label " + label + seen
                + "; step " + norm(net.params().sub(before)));
    }

    private static String norm(INDArray x) {
        return String.format(Locale.ROOT, "%.4g", Math.sqrt(x.mul(x).sumNumber().doubleValue()));
    }

    public static void main(String[] args) {
        for (float label : new float[] {0.51f, 1000}) {
            step(new Sgd(0.1), label);
            step(new Adam(0.01), label);
        }
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/After.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" After 2>/dev/null)
expected='Sgd, label 0.51, onBackwardPass 6.034, iterationDone 0.3017; step 0.3017
Adam, label 0.51, onBackwardPass 6.034, iterationDone 0.02236; step 0.02236
Sgd, label 1000.0, onBackwardPass 1.183e+04, iterationDone 591.6; step 591.6
Adam, label 1000.0, onBackwardPass 1.183e+04, iterationDone 0.02236; step 0.02236'
printf 'deeplearning4j-nn 1.0.0-M2.1, norms of gradient():\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
