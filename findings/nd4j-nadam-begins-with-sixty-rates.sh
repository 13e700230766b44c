#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the first step of Nadam is 60 learning rates long, with any gradient.
#
# Guessed: Nadam is Adam with Nesterov's momentum, so its steps begin at about 1.9 learning rates and come down to 1. A
#   fine-tuning run takes the rate of Adam.
# Seen:    the first moment is corrected for its start at zero, the second is not. With an equal gradient in every step,
#   of 1 or of 0.001, step 1 is 60 learning rates long, step 10 is 10.6, step 100 is 3.24, step 1000 is 1.26. The
#   first 100 steps move a weight by 649 rates, those of Adam by 100. Adam, AMSGrad and AdaMax of the same package take
#   steps of 1.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, org.nd4j.linalg.learning.config.Nadam; linux-x86_64, JDK 17.
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
cat > "$work/Steps.java" <<'JAVA'
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;

public class Steps {
    private static final double RATE = 1e-3;

    /** Steps of one weight, in learning rates, where every gradient is the same. */
    private static void show(IUpdater config, double gradient) {
        INDArray state = Nd4j.zeros(DataType.DOUBLE, 1, config.stateSize(1));
        GradientUpdater<?> updater = config.instantiate(state, true);
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "%-7s %.0e:", config.getClass().getSimpleName(), gradient));
        double sum = 0;
        for (int step = 1; step <= 1000; step++) {
            INDArray change = Nd4j.valueArrayOf(new long[] {1, 1}, gradient, DataType.DOUBLE);
            updater.applyUpdater(change, step - 1, 0);
            double rates = change.getDouble(0) / RATE;
            sum += rates;
            if (step == 1 || step == 10 || step == 100 || step == 1000) {
                line.append(String.format(Locale.ROOT, "  %d %.2f", step, rates));
            }
            if (step == 100) {
                line.append(String.format(Locale.ROOT, " (100 steps %.0f)", sum));
            }
        }
        System.out.println(line);
    }

    public static void main(String[] args) {
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
        for (double gradient : new double[] {1, 1e-3}) {
            for (IUpdater config : List.of(new Adam(RATE), new AMSGrad(RATE), new AdaMax(RATE), new Nadam(RATE))) {
                show(config, gradient);
            }
        }
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Steps.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Steps 2>/dev/null)
expected='Adam    1e+00:  1 1.00  10 1.00  100 1.00 (100 steps 100)  1000 1.00
AMSGrad 1e+00:  1 1.00  10 1.00  100 1.00 (100 steps 100)  1000 1.00
AdaMax  1e+00:  1 1.00  10 1.00  100 1.00 (100 steps 100)  1000 1.00
Nadam   1e+00:  1 60.08  10 10.56  100 3.24 (100 steps 649)  1000 1.26
Adam    1e-03:  1 1.00  10 1.00  100 1.00 (100 steps 100)  1000 1.00
AMSGrad 1e-03:  1 1.00  10 1.00  100 1.00 (100 steps 100)  1000 1.00
AdaMax  1e-03:  1 1.00  10 1.00  100 1.00 (100 steps 100)  1000 1.00
Nadam   1e-03:  1 60.06  10 10.56  100 3.24 (100 steps 648)  1000 1.26'
printf 'nd4j-native 1.0.0-M2.1, gradient, then step and its length in learning rates:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
