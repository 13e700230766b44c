#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the macro F1 of Evaluation leaves out the classes that the model never predicts.
#
# Guessed: f1() of three and more classes is, as its Javadoc says, "macro-averaged across all classes". A class that is
#   never predicted counts 0, as in scikit-learn.
# Seen:    it is the mean over the classes with at least one prediction. A classifier that finds 4 of 20 rows of a rare
#   class has 0.661; the one that gives the class up has 0.895, where the mean over all three is 0.596. One that always
#   says the same has 0.621 instead of 0.207. precision() is affected too, recall() is not. So early stopping and model
#   selection by Metric.F1 prefer the collapsed model. averageF1NumClassesExcluded() tells; the mean of f1(i) is right.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, org.nd4j.evaluation.classification.Evaluation; linux-x86_64, JDK 17.
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
cat > "$work/GivenUp.java" <<'JAVA'
import java.util.Locale;
import java.util.stream.IntStream;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class GivenUp {
    /** F1 of one class: rows are the truth, columns what was predicted. */
    private static double f1(int[][] confusion, int at) {
        int found = confusion[at][at];
        int real = IntStream.of(confusion[at]).sum();
        int predicted = IntStream.range(0, confusion.length).map(i -> confusion[i][at]).sum();
        return 2.0 * found / (real + predicted);
    }

    private static void show(String name, int[][] confusion) {
        int classes = confusion.length;
        Evaluation seen = new Evaluation(classes);
        INDArray oneHot = Nd4j.eye(classes);
        for (int real = 0; real < classes; real++) {
            for (int said = 0; said < classes; said++) {
                for (int row = 0; row < confusion[real][said]; row++) {
                    seen.eval(oneHot.getRow(real, true), oneHot.getRow(said, true));
                }
            }
        }
        double all = IntStream.range(0, classes).mapToDouble(i -> f1(confusion, i)).average().getAsDouble();
        double single = IntStream.range(0, classes).mapToDouble(seen::f1).average().getAsDouble();
        System.out.println(String.format(Locale.ROOT,
                "%-19s f1() %.3f, all %.3f, of f1(i) %.3f; precision() %.3f, recall() %.3f; left out %d",
                name, seen.f1(), all, single, seen.precision(), seen.recall(), seen.averageF1NumClassesExcluded()));
    }

    public static void main(String[] args) {
        show("tries class 2", new int[][] {{80, 5, 5}, {5, 80, 5}, {8, 8, 4}});
        show("gives it up", new int[][] {{85, 5, 0}, {5, 85, 0}, {10, 10, 0}});
        show("always says class 0", new int[][] {{90, 0, 0}, {90, 0, 0}, {20, 0, 0}});
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/GivenUp.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" GivenUp 2>/dev/null)
expected='tries class 2       f1() 0.661, all 0.661, of f1(i) 0.661; precision() 0.669, recall() 0.659; left out 0
gives it up         f1() 0.895, all 0.596, of f1(i) 0.596; precision() 0.850, recall() 0.630; left out 1
always says class 0 f1() 0.621, all 0.207, of f1(i) 0.207; precision() 0.450, recall() 0.333; left out 2'
printf 'nd4j-native 1.0.0-M2.1, 90, 90 and 20 rows of three classes:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
