#!/usr/bin/env bash
# ND4J 1.0.0-M2.1, SameDiff: an embedding by gather trains other tokens than it read.
#
# Guessed: the gradient of table.gather(ids) adds what arrives at a position to the row of its id, as torch.embedding
#   does: ids 2, 0, 2, 1 with gradients 1, 10, 100, 1000 give rows 10, 1000, 101, 0.
# Seen:    the forward pass is right. Backward, the k-th smallest id gets the gradient of the k-th position, and the rest
#   is lost: rows 1, 10, 100, 0. Even ids without a repeat are permuted. Only rising ids come out right, as in a
#   short gradient check. No error names it. A product with oneHot(ids) is right.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, SameDiff.gather and calculateGradients; linux-x86_64, JDK 17.
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
cat > "$work/Embed.java" <<'JAVA'
import java.util.Arrays;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class Embed {
    /** A table of four rows of one number; the loss is row(id 0) + 10 row(id 1) + 100 row(id 2) + ... */
    private static SameDiff graph(int[] ids, boolean gather) {
        float[][] factors = new float[ids.length][1];
        for (int k = 0; k < ids.length; k++) {
            factors[k][0] = (float) Math.pow(10, k);
        }
        SameDiff sd = SameDiff.create();
        SDVariable table = sd.var("table", Nd4j.zeros(DataType.FLOAT, 4, 1));
        SDVariable id = sd.placeHolder("ids", DataType.INT, ids.length);
        SDVariable read = gather ? sd.gather(table, id, 0) : sd.oneHot(id, 4, -1, 1, 0, DataType.FLOAT).mmul(table);
        read.mul(sd.constant(Nd4j.createFromArray(factors))).sum("loss");
        sd.setLossVariables("loss");
        return sd;
    }

    private static String gradient(int[] ids, boolean gather) {
        INDArray gradient = graph(ids, gather)
                .calculateGradients(Map.of("ids", Nd4j.createFromArray(ids)), "table")
                .get("table");
        return Arrays.toString(gradient.castTo(DataType.INT).toIntVector());
    }

    public static void main(String[] args) {
        for (int[] ids : new int[][] {{0, 1, 2, 3}, {2, 0, 1, 3}, {2, 0, 2, 1}, {0, 0, 0, 1}}) {
            System.out.println("ids " + Arrays.toString(ids) + ": oneHot " + gradient(ids, false)
                    + ", gather " + gradient(ids, true));
        }
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Embed.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Embed 2>/dev/null | grep '^ids')
expected='ids [0, 1, 2, 3]: oneHot [1, 10, 100, 1000], gather [1, 10, 100, 1000]
ids [2, 0, 1, 3]: oneHot [10, 100, 1, 1000], gather [1, 10, 100, 1000]
ids [2, 0, 2, 1]: oneHot [10, 1000, 101, 0], gather [1, 10, 100, 0]
ids [0, 0, 0, 1]: oneHot [111, 1000, 0, 0], gather [1, 10, 0, 0]'
printf 'nd4j-native 1.0.0-M2.1, gradient of the rows:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
