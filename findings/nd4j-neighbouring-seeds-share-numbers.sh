#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the first numbers of neighbouring seeds are often the same.
#
# Guessed: after setSeed(s) Nd4j.rand gives numbers that have nothing to do with those of s + 1, as in PyTorch, NumPy
#   and java.util.SplittableRandom: the first numbers of the seeds 1 to 1000 are 1,000 different ones.
# Seen:    they are 417 different ones; one of them comes for 12 seeds. Seeds 2 and 6 begin with 0.1156, seeds 2 and 4
#   have 0.4712 in third place, where 563 are different. The second number of a seed and of the next one correlate by
#   -0.30, where 0.03 would be chance. The fourth looks independent. With a seed for each sample, such as base + i,
#   many samples so draw the same first token, whatever the model. Spread the seed first: with
#   SplittableRandom(i).nextLong() as the seed 999 or all of the 1,000 differ.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, CpuNativeRandom; linux-x86_64, JDK 17.
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
cat > "$work/Seeds.java" <<'JAVA'
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

public class Seeds {
    private static final int SEEDS = 1000;

    private static double[] draw(long seed) {
        Nd4j.getRandom().setSeed(seed);
        return Nd4j.rand(DataType.DOUBLE, 8).toDoubleVector();
    }

    private static void show(String name, LongUnaryOperator seed) {
        System.out.println(name);
        double[][] draws = IntStream.range(0, SEEDS)
                .mapToObj(i -> draw(seed.applyAsLong(i)))
                .toArray(double[][]::new);
        for (int place = 0; place < 4; place++) {
            int at = place;
            double[] numbers = Arrays.stream(draws).mapToDouble(row -> row[at]).toArray();
            Map<Double, Long> times = DoubleStream.of(numbers).boxed().collect(
                    Collectors.groupingBy(x -> x, Collectors.counting()));
            double mean = DoubleStream.of(numbers).average().getAsDouble();
            double variance = DoubleStream.of(numbers).map(x -> (x - mean) * (x - mean)).sum();
            double next = IntStream.range(1, SEEDS)
                    .mapToDouble(i -> (numbers[i - 1] - mean) * (numbers[i] - mean))
                    .sum();
            System.out.println(String.format(Locale.ROOT, "  number %d: %d different, one %d times, correlation %.2f",
                    place + 1, times.size(), Collections.max(times.values()), next / variance));
        }
    }

    public static void main(String[] args) {
        for (long seed : new long[] {2, 4, 6}) {
            System.out.println("seed " + seed + ": " + DoubleStream.of(draw(seed)).limit(4)
                    .mapToObj(x -> String.format(Locale.ROOT, "%.4f", x)).collect(Collectors.joining(" ")));
        }
        show("seeds 1 to 1000", i -> i + 1);
        show("spread seeds", i -> new SplittableRandom(i).nextLong());
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Seeds.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Seeds 2>/dev/null)
expected='seed 2: 0.1156 0.1257 0.4712 0.3050
seed 4: 0.6574 0.0615 0.4712 0.8682
seed 6: 0.1156 0.8324 0.8052 0.0952
seeds 1 to 1000
  number 1: 417 different, one 12 times, correlation -0.11
  number 2: 1000 different, one 1 times, correlation -0.30
  number 3: 563 different, one 12 times, correlation -0.15
  number 4: 1000 different, one 1 times, correlation -0.02
spread seeds
  number 1: 999 different, one 2 times, correlation -0.03
  number 2: 1000 different, one 1 times, correlation 0.01
  number 3: 1000 different, one 1 times, correlation 0.02
  number 4: 999 different, one 2 times, correlation 0.04'
printf 'nd4j-native 1.0.0-M2.1:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
