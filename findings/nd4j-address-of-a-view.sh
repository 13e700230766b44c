#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: DataBuffer.address() of a view is the address of the whole buffer.
#
# Guessed: the buffer of a view begins at the view, so address() is that of its first element. length(), getDouble(0)
#   and asDouble() of the same buffer do begin there.
# Seen:    address() and pointer().address() leave the offset out; only addressPointer().address() has it. Code that
#   passes address() to a native library, or asks it for the alignment, looks at the wrong number and gets no error.
# Source:  org.nd4j:nd4j-api:1.0.0-M2.1, org.nd4j.linalg.api.buffer.BaseDataBuffer; linux-x86_64, JDK 17.
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
cat > "$work/View.java" <<'JAVA'
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class View {
    public static void main(String[] args) {
        INDArray matrix = Nd4j.arange(12).castTo(DataType.DOUBLE).reshape('c', 3, 4);
        DataBuffer row = matrix.getRow(1).data(); // 4, 5, 6, 7
        long start = matrix.data().address();
        System.out.println("length " + row.length() + ", first " + row.getDouble(0) + ", address +"
                + (row.address() - start) + ", pointer +" + (row.pointer().address() - start) + ", addressPointer +"
                + (row.addressPointer().address() - start));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/View.java"
seen=$(java -cp "$work:$work/lib/*" View 2>/dev/null | tail -n 1)
expected='length 4, first 4.0, address +0, pointer +0, addressPointer +32'
echo "nd4j-native 1.0.0-M2.1: $seen"
[ "$seen" = "$expected" ] || { echo "changed; it was: $expected" >&2; exit 1; }
