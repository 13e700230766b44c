#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: an array with the token id 100000 "equals" one with 100001, and so do weights after 9 steps of 1e-6.
#
# Guessed: equals compares every number exactly, as Arrays.equals and numpy.array_equal do, integers at any rate, and
#   goes with hashCode.
# Seen:    numbers are equal if they differ by less than about 1e-5, absolute or relative, in every type. Neighbouring
#   ids in INT and LONG arrays are "equal" from 100000 on; Llama 3 and Qwen have more. A frozen layer
#   that moves at the rates of fine-tuning passes assertEquals(before, after). An array of one number has another rule:
#   there 100000 and 100001 differ. hashCode follows the bits. equalsWithEps(other, 0) and a comparison of
#   toFloatVector() or toLongVector() are exact.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, BaseNDArray.equals; linux-x86_64, JDK 17.
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
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native</artifactId><version>1.0.0-M2.1</version></dependency>
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-native</artifactId><version>1.0.0-M2.1</version>
      <classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.7</version>
      <classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>openblas</artifactId><version>0.3.19-1.5.7</version>
      <classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
POM
cat > "$work/Equal.java" <<'JAVA'
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class Equal {
    public static void main(String[] args) {
        INDArray before = Nd4j.createFromArray(0.02f, -0.013f, 0.0041f, 0.0173f);
        INDArray after = before.dup();
        for (int step = 1; step <= 9; step++) {
            after.subi(1e-6f);
        }
        show("9 steps of 1e-6", before, after);
        show("11 steps of 1e-6", before, after.sub(2e-6f));
        show("double 1e-9 and 5e-6", Nd4j.createFromArray(1e-9), Nd4j.createFromArray(5e-6));
        show("INT 99998 and 99999", Nd4j.createFromArray(99998, 1), Nd4j.createFromArray(99999, 1));
        show("INT 100000 and 100001", Nd4j.createFromArray(100000, 1), Nd4j.createFromArray(100001, 1));
        show("LONG 128000 and 128001", Nd4j.createFromArray(128000L, 1L), Nd4j.createFromArray(128001L, 1L));
        show("alone 128000 and 128001", Nd4j.createFromArray(128000), Nd4j.createFromArray(128001));
    }

    private static void show(String name, INDArray a, INDArray b) {
        System.out.println(name + ": equals " + a.equals(b) + ", with eps 0 " + a.equalsWithEps(b, 0)
                + ", hash codes " + (a.hashCode() == b.hashCode())
                + ", numbers " + Arrays.equals(a.toDoubleVector(), b.toDoubleVector()));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/Equal.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Equal 2>/dev/null)
expected='9 steps of 1e-6: equals true, with eps 0 false, hash codes false, numbers false
11 steps of 1e-6: equals false, with eps 0 false, hash codes false, numbers false
double 1e-9 and 5e-6: equals true, with eps 0 false, hash codes false, numbers false
INT 99998 and 99999: equals false, with eps 0 false, hash codes false, numbers false
INT 100000 and 100001: equals true, with eps 0 false, hash codes false, numbers false
LONG 128000 and 128001: equals true, with eps 0 false, hash codes false, numbers false
alone 128000 and 128001: equals false, with eps 0 false, hash codes false, numbers false'
printf 'nd4j-native 1.0.0-M2.1:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
