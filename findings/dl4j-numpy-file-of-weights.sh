#!/usr/bin/env bash
# DL4J 1.0.0-M2.1: a NumPy file of a layer's weights holds other weights, for every layer but the first those of the first.
#
# Guessed: Nd4j.writeAsNumpy(net.getParam("1_W"), file) writes the matrix that the array shows, whatever its strides and
#   order: NumPy's format has a field for the order, and a view is copied.
# Seen:    the bytes of the buffer are written from its beginning under the array's shape, and fortran_order is always
#   False. DL4J keeps all weights in one buffer, in order f: the first layer's matrix is written with its numbers in
#   wrong places, and each other layer gets numbers of the first. Shapes are right and nothing fails; numpy.load reads
#   what was written. Transposes and columns are wrong as well. array.dup('c') before writing mends it.
# Source:  org.nd4j:nd4j-api:1.0.0-M2.1, Nd4j.writeAsNumpy and toNpyByteArray; linux-x86_64, JDK 17.
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
    <dependency><groupId>org.deeplearning4j</groupId><artifactId>deeplearning4j-nn</artifactId><version>1.0.0-M2.1</version></dependency>
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
cat > "$work/Weights.java" <<'JAVA'
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

public class Weights {
    public static void main(String[] args) {
        MultiLayerNetwork net = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(2).nOut(2).build())
                .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                .build());
        net.init();
        net.setParam("0_W", Nd4j.create(new float[][] {{1, 2}, {3, 4}}));
        net.setParam("1_W", Nd4j.create(new float[][] {{5, 6}, {7, 8}}));
        show("0_W", net.getParam("0_W"));
        show("1_W", net.getParam("1_W"));
        show("1_W, dup('c')", net.getParam("1_W").dup('c'));
    }

    private static void show(String name, INDArray array) {
        byte[] file = Nd4j.toNpyByteArray(array);
        ByteBuffer data = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        data.position(10 + data.getShort(8));
        String order = new String(file, 0, data.position()).contains("'fortran_order': False") ? "C" : "F";
        int[] values = new int[4];
        for (int i = 0; i < 4; i++) {
            values[i] = (int) data.getFloat();
        }
        System.out.println(name + ": rows " + Arrays.deepToString(array.toIntMatrix()) + ", file in order " + order + " "
                + Arrays.toString(values));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/Weights.java"
seen=$(java -cp "$work:$work/lib/*" Weights 2>/dev/null | grep '^[01]_W')
expected='0_W: rows [[1, 2], [3, 4]], file in order C [1, 3, 2, 4]
1_W: rows [[5, 6], [7, 8]], file in order C [1, 3, 2, 4]
1_W, dup('"'c'"'): rows [[5, 6], [7, 8]], file in order C [5, 6, 7, 8]'
echo "nd4j-native 1.0.0-M2.1:"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "changed; it was:" >&2; echo "$expected" >&2; exit 1; }
