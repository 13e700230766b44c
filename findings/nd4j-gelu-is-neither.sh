#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the "precise" GELU is further from GELU than the other one, and neither is the one of GPT-2 or BERT.
#
# Guessed: Activation.GELU is x Phi(x) as in BERT, or the tanh form as in GPT-2, to 5e-4; ActivationGELU(true), the
#   precise one, is the other or better.
# Seen:    Activation.GELU is x sigmoid(1.702 x): up to 0.020 from both. The precise one is the tanh form with a slip: it
#   cubes 0.044715 x where x is to be cubed, so the cubic term is gone and the difference is up to 0.034. Its slope for
#   backpropagation is not quite that of its value (9e-5). So weights of another tool give other outputs in DL4J
#   layers with either. Write an IActivation.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, ActivationGELU; linux-x86_64, JDK 17.
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
cat > "$work/Gelu.java" <<'JAVA'
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class Gelu {
    private static final INDArray X = Nd4j.linspace(DataType.DOUBLE, -6, 0.001, 12001).reshape(1, 12001);

    private static double exact(double x) {
        return x * 0.5 * (1 + Erf.erf(x / Math.sqrt(2)));
    }

    private static double tanh(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private static double slip(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + Math.pow(0.044715 * x, 3))));
    }

    private static double sigmoid(double x) {
        return x / (1 + Math.exp(-1.702 * x));
    }

    private static String off(INDArray y, DoubleUnaryOperator f) {
        INDArray wanted = X.dup();
        for (long i = 0; i < X.length(); i++) {
            wanted.putScalar(i, f.applyAsDouble(X.getDouble(i)));
        }
        return off(y, wanted);
    }

    private static String off(INDArray y, INDArray wanted) {
        double worst = y.sub(wanted).amaxNumber().doubleValue();
        return worst < 1e-8 ? "equal" : String.format(Locale.ROOT, "%.1e", worst);
    }

    public static void main(String[] args) {
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
        for (IActivation f : new IActivation[] {Activation.GELU.getActivationFunction(), new ActivationGELU(true)}) {
            INDArray y = f.getActivation(X.dup(), false);
            double h = 1e-5;
            INDArray slope = f.getActivation(X.add(h), false).sub(f.getActivation(X.sub(h), false)).div(2 * h);
            System.out.println(f.equals(new ActivationGELU(true)) ? "ActivationGELU(true)" : "Activation.GELU");
            System.out.println("  x Phi(x) " + off(y, Gelu::exact) + ", tanh form " + off(y, Gelu::tanh));
            System.out.println("  x sigmoid(1.702 x) " + off(y, Gelu::sigmoid) + ", tanh form with the slip "
                    + off(y, Gelu::slip));
            System.out.println("  its slope against differences of its value "
                    + off(f.backprop(X.dup(), Nd4j.onesLike(X)).getFirst(), slope));
        }
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Gelu.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Gelu 2>/dev/null)
expected='Activation.GELU
  x Phi(x) 2.0e-02, tanh form 2.1e-02
  x sigmoid(1.702 x) equal, tanh form with the slip 1.7e-02
  its slope against differences of its value equal
ActivationGELU(true)
  x Phi(x) 3.4e-02, tanh form 3.4e-02
  x sigmoid(1.702 x) 1.7e-02, tanh form with the slip equal
  its slope against differences of its value 9.3e-05'
printf 'nd4j-native 1.0.0-M2.1, largest difference on -6 to 6:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
