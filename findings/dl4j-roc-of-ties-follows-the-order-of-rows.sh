#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the area under the ROC curve depends on the order of the rows where scores are equal.
#
# Guessed: new ROC() is exact, so its AUC is the share of pairs with the higher score on the right side, ties counting
#   half, as in scikit-learn. A score that is the same for every row has 0.5.
# Seen:    rows with equal scores are ranked in the order in which they came. The same constant score has an AUC of 0,
#   0.25 or 1; a file with the positives first makes a judge that cannot tell anything perfect. A verdict of 0 or 1,
#   as of a verifier, has 0.44 or 0.89 instead of 0.67. In 60 random rows verdicts are off by up to 0.10 and
#   marks from 1 to 5 by up to 0.045. The area under the precision and recall curve follows the order too. Without ties
#   ROC() is exact. ROC(30), which counts by thresholds, is right for the scores here.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, org.nd4j.evaluation.classification.ROC; linux-x86_64, JDK 17.
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
cat > "$work/Ties.java" <<'JAVA'
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class Ties {
    /** The share of pairs of a positive and a negative row that are ranked right; ties count half. */
    private static double pairs(double[][] rows) {
        double right = 0;
        int pairs = 0;
        for (double[] positive : rows) {
            for (double[] negative : rows) {
                if (positive[0] > negative[0]) {
                    right += (Math.signum(positive[1] - negative[1]) + 1) / 2;
                    pairs++;
                }
            }
        }
        return right / pairs;
    }

    private static ROC roc(ROC roc, double[][] rows) {
        INDArray table = Nd4j.createFromArray(rows);
        roc.eval(table.getColumns(0), table.getColumns(1));
        return roc;
    }

    private static void show(String name, double[][] rows) {
        ROC exact = roc(new ROC(), rows);
        System.out.println(String.format(Locale.ROOT, "%-34s pairs %.3f  ROC() %.3f  ROC(30) %.3f  PR %.3f", name,
                pairs(rows), exact.calculateAUC(), roc(new ROC(30), rows).calculateAUC(), exact.calculateAUCPR()));
    }

    private static double[][] rows(int[] labels, double... scores) {
        return IntStream.range(0, labels.length)
                .mapToObj(i -> new double[] {labels[i], scores[i % scores.length]})
                .toArray(double[][]::new);
    }

    private static double worst(int levels) {
        Random random = new Random(1);
        IntFunction<double[]> row = i ->
                new double[] {i < 2 ? i : random.nextInt(2), random.nextInt(levels) / (levels - 1.0)};
        return IntStream.range(0, 100)
                .mapToObj(t -> IntStream.range(0, 60).mapToObj(row).toArray(double[][]::new))
                .mapToDouble(rows -> Math.abs(roc(new ROC(), rows).calculateAUC() - pairs(rows)))
                .max()
                .getAsDouble();
    }

    public static void main(String[] args) {
        show("constant, positives last", rows(new int[] {0, 0, 1, 1}, 0.5));
        show("constant, alternating", rows(new int[] {0, 1, 0, 1}, 0.5));
        show("constant, positives first", rows(new int[] {1, 1, 0, 0}, 0.5));
        double[][] verdicts = rows(new int[] {0, 0, 0, 1, 1, 1}, 0, 0, 1, 1, 1, 0);
        show("0 or 1, positives last", verdicts);
        Collections.reverse(Arrays.asList(verdicts));
        show("0 or 1, the same in reverse", verdicts);
        System.out.println("largest error of ROC() in 100 x 60 random rows: " + List.of(2, 5, 1_000_000_000).stream()
                .map(levels -> levels + " levels " + String.format(Locale.ROOT, "%.3f", worst(levels)))
                .collect(Collectors.joining(", ")));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Ties.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Ties 2>/dev/null)
expected='constant, positives last           pairs 0.500  ROC() 0.000  ROC(30) 0.500  PR 0.292
constant, alternating              pairs 0.500  ROC() 0.250  ROC(30) 0.500  PR 0.333
constant, positives first          pairs 0.500  ROC() 1.000  ROC(30) 0.500  PR 1.000
0 or 1, positives last             pairs 0.667  ROC() 0.444  ROC(30) 0.667  PR 0.428
0 or 1, the same in reverse        pairs 0.667  ROC() 0.889  ROC(30) 0.667  PR 0.903
largest error of ROC() in 100 x 60 random rows: 2 levels 0.101, 5 levels 0.045, 1000000000 levels 0.000'
printf 'nd4j-native 1.0.0-M2.1:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
