#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: LossBinaryXENT gives no gradient where the model is most wrong.
#
# Guessed: with a sigmoid the slope of the binary cross-entropy in the logit is p - y, so -1 for a positive row at logit
#   -20, and its score is 20. Numerical safety, as in LossMCXENT, may cap the score.
# Seen:    probabilities are clipped to 1e-5 before the slope is taken, and the sigmoid's own slope is multiplied in
#   after. From a logit of -12 on the gradient fades: -0.61 there, -2.1e-4 at -20. The score stops at 11.5. So a reward
#   model or verifier that starts from a confident network never unlearns its worst errors: 1,000 steps of rate 1 move
#   the logit -20 to -19.77, where p - y reaches a positive logit in 21. LossMCXENT on two outputs with a softmax has
#   slope -1 at the same place, and its score goes to 23. new LossBinaryXENT(0) has slope -1 and score 20.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT; linux-x86_64, JDK 17.
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
cat > "$work/Worst.java" <<'JAVA'
import java.util.Locale;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

public class Worst {
    private static INDArray row(double... values) {
        return Nd4j.createFromArray(new double[][] {values});
    }

    private static String show(ILossFunction loss, INDArray label, INDArray logits, IActivation activation) {
        double score = loss.computeScore(label, logits.dup(), activation, null, false);
        double slope = loss.computeGradient(label, logits.dup(), activation, null).getDouble(0);
        return String.format(Locale.ROOT, "score %6.3f slope %8.1e", score, slope);
    }

    /** The logit of a positive row after gradient descent on the logit itself. */
    private static double descend(ILossFunction loss, int steps) {
        INDArray logit = row(-20);
        for (int i = 0; i < steps; i++) {
            logit.subi(loss.computeGradient(row(1), logit.dup(), new ActivationSigmoid(), null));
        }
        return logit.getDouble(0);
    }

    public static void main(String[] args) {
        for (double logit : new double[] {-5, -12, -20, -40}) {
            System.out.println(String.format(Locale.ROOT, "logit %3.0f: ", logit)
                    + "binary " + show(new LossBinaryXENT(), row(1), row(logit), new ActivationSigmoid())
                    + ", MCXENT " + show(new LossMCXENT(), row(1, 0), row(logit, 0), new ActivationSoftmax()));
        }
        System.out.println("logit -20, LossBinaryXENT(0): "
                + show(new LossBinaryXENT(0.0), row(1), row(-20), new ActivationSigmoid()));
        System.out.println(String.format(Locale.ROOT,
                "from -20: 1000 steps to %.2f, LossBinaryXENT(0) 21 steps to %.2f",
                descend(new LossBinaryXENT(), 1000), descend(new LossBinaryXENT(0.0), 21)));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Worst.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Worst 2>/dev/null)
expected='logit  -5: binary score  5.007 slope -9.9e-01, MCXENT score  5.007 slope -9.9e-01
logit -12: binary score 11.513 slope -6.1e-01, MCXENT score 12.000 slope -1.0e+00
logit -20: binary score 11.513 slope -2.1e-04, MCXENT score 20.000 slope -1.0e+00
logit -40: binary score 11.513 slope -4.2e-13, MCXENT score 23.026 slope -1.0e+00
logit -20, LossBinaryXENT(0): score 20.000 slope -1.0e+00
from -20: 1000 steps to -19.77, LossBinaryXENT(0) 21 steps to 0.18'
printf 'nd4j-native 1.0.0-M2.1, LossBinaryXENT of a positive row:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
