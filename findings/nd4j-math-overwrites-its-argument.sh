#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: Nd4j.math().log(x), exp(x) and many others overwrite x; softmax and relu do not.
#
# Guessed: a function that returns an array leaves its argument, as Transforms.exp(x) does and as the letter i marks the
#   methods that work in place (addi, subi).
# Seen:    of Nd4j.math() exp, log, log1p, sqrt, square, neg, tanh, erf, floor, reciprocal and pow write their result into
#   the argument, and so do sigmoid, logSigmoid, swish, gelu, softplus and logSoftmax of Nd4j.nn(). Beside them
#   clipByValue, standardize, softmax, relu, elu and leakyRelu leave it, and so does all of Transforms that was tried.
#   p.mul(Nd4j.math().log(p)) has lost p before it multiplies: at 0.5 it is log(p)^2 = 0.48, not -0.35. Write p.dup().
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, Nd4j.math() and Nd4j.nn(); linux-x86_64, JDK 17.
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
cat > "$work/Places.java" <<'JAVA'
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

public class Places {
    private static INDArray x() {
        return Nd4j.createFromArray(new float[][] {{0.6f, 1.4f}, {0.2f, 0.9f}});
    }

    private static void show(String name, Map<String, UnaryOperator<INDArray>> functions) {
        List<String> kept = new ArrayList<>();
        List<String> overwritten = new ArrayList<>();
        functions.forEach((function, f) -> {
            INDArray x = x();
            f.apply(x);
            (x.equalsWithEps(x(), 0) ? kept : overwritten).add(function);
        });
        System.out.println(name + " overwrites: " + (overwritten.isEmpty() ? "none" : String.join(" ", overwritten)));
        System.out.println(name + " keeps: " + String.join(" ", kept));
    }

    public static void main(String[] args) {
        Map<String, UnaryOperator<INDArray>> math = new LinkedHashMap<>();
        math.put("exp", x -> Nd4j.math().exp(x));
        math.put("log", x -> Nd4j.math().log(x));
        math.put("log1p", x -> Nd4j.math().log1p(x));
        math.put("sqrt", x -> Nd4j.math().sqrt(x));
        math.put("square", x -> Nd4j.math().square(x));
        math.put("neg", x -> Nd4j.math().neg(x));
        math.put("tanh", x -> Nd4j.math().tanh(x));
        math.put("erf", x -> Nd4j.math().erf(x));
        math.put("floor", x -> Nd4j.math().floor(x));
        math.put("reciprocal", x -> Nd4j.math().reciprocal(x));
        math.put("pow", x -> Nd4j.math().pow(x, 2));
        math.put("clipByValue", x -> Nd4j.math().clipByValue(x, 0.5, 1));
        math.put("standardize", x -> Nd4j.math().standardize(x, 1));
        show("math()", math);
        Map<String, UnaryOperator<INDArray>> nn = new LinkedHashMap<>();
        nn.put("sigmoid", x -> Nd4j.nn().sigmoid(x));
        nn.put("logSigmoid", x -> Nd4j.nn().logSigmoid(x));
        nn.put("swish", x -> Nd4j.nn().swish(x));
        nn.put("gelu", x -> Nd4j.nn().gelu(x));
        nn.put("softplus", x -> Nd4j.nn().softplus(x));
        nn.put("logSoftmax", x -> Nd4j.nn().logSoftmax(x));
        nn.put("softmax", x -> Nd4j.nn().softmax(x, 1));
        nn.put("relu", x -> Nd4j.nn().relu(x, 0));
        nn.put("elu", x -> Nd4j.nn().elu(x));
        nn.put("leakyRelu", x -> Nd4j.nn().leakyRelu(x, 0.1));
        show("nn()", nn);
        Map<String, UnaryOperator<INDArray>> transforms = new LinkedHashMap<>();
        transforms.put("exp", Transforms::exp);
        transforms.put("log", Transforms::log);
        transforms.put("sigmoid", Transforms::sigmoid);
        transforms.put("tanh", Transforms::tanh);
        show("Transforms", transforms);
        INDArray p = Nd4j.createFromArray(0.5f);
        System.out.printf(Locale.ROOT, "p log p at 0.5: %.4f%n", p.mul(Nd4j.math().log(p)).getDouble(0));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Places.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Places 2>/dev/null)
expected='math() overwrites: exp log log1p sqrt square neg tanh erf floor reciprocal pow
math() keeps: clipByValue standardize
nn() overwrites: sigmoid logSigmoid swish gelu softplus logSoftmax
nn() keeps: softmax relu elu leakyRelu
Transforms overwrites: none
Transforms keeps: exp log sigmoid tanh
p log p at 0.5: 0.4805'
printf 'nd4j-native 1.0.0-M2.1:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
