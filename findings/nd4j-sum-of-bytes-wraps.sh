#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the sum of a mask of 3000 bytes of 1 is -72.
#
# Guessed: sumNumber() returns a double and is the sum; NumPy and PyTorch sum integers of any width in 64 bits.
# Seen:    sum() and sumNumber() add in the type of the array and wrap around without an error: INT8, UINT8 and INT. The
#   double comes afterwards. meanNumber() and norm1Number() of the same array are right, so sum and mean contradict each
#   other. Token counts by mask.sumNumber() are wrong from 128 tokens on; castTo(DataType.LONG) before mends it.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, linux-x86_64, JDK 17.
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
cat > "$work/Sum.java" <<'JAVA'
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class Sum {
    public static void main(String[] args) {
        for (DataType type : new DataType[] {DataType.INT8, DataType.UINT8}) {
            show(type + " 3000 ones", Nd4j.ones(type, 3000));
        }
        show("INT 2 x 2e9", Nd4j.valueArrayOf(new long[] {2}, 2_000_000_000, DataType.INT));
    }

    private static void show(String name, INDArray array) {
        System.out.println(name + ": sumNumber " + array.sumNumber().longValue() + ", sum " + array.sum().getLong(0)
                + ", mean x length " + Math.round(array.meanNumber().doubleValue() * array.length()));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/Sum.java"
seen=$(java -cp "$work:$work/lib/*" Sum 2>/dev/null)
expected='BYTE 3000 ones: sumNumber -72, sum -72, mean x length 3000
UBYTE 3000 ones: sumNumber 184, sum 184, mean x length 3000
INT 2 x 2e9: sumNumber -294967296, sum -294967296, mean x length 4000000000'
echo "nd4j-native 1.0.0-M2.1:"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "changed; it was:" >&2; echo "$expected" >&2; exit 1; }
