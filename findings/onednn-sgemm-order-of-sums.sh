#!/usr/bin/env bash
# oneDNN 3.8.1, dnnl_sgemm on one thread: the last bits of a row depend on how many rows there are, for some k only,
# and alpha acts before the sum or after it, depending on the shape.
#
# Guessed: with one thread a number of the product is one sum over k whose order follows from k. alpha scales that sum,
#   as the formula says. Whatever moves the order moves it for all k beyond some size.
# Seen:    15 rows have other bits than the same rows among 200; 16 have the same. With k = 896, 64 and 128 rows have
#   other bits than among 200; with k = 768 and k = 1,024 they have the same. alpha = 0.3 scales the sum for 64 x 64 and
#   256 x 256, and the right operand before the sum for 128 x 128. Powers of two hide that. Who draws samples in small
#   batches and trains in large ones gets two probabilities of one token.
# Source:  org.bytedeco:dnnl:3.8.1-1.5.12 (2.5.2-1.5.7 the same), linux-x86_64, a CPU with AVX-512.
#
# Exit code 0: as described. 1: it has changed. 2: this CPU has no AVX-512.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
grep -q avx512f /proc/cpuinfo || { echo "needs a CPU with AVX-512" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.bytedeco</groupId><artifactId>dnnl</artifactId><version>3.8.1-1.5.12</version></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>dnnl</artifactId><version>3.8.1-1.5.12</version>
      <classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>opencl</artifactId><version>3.0-1.5.12</version>
      <classifier>linux-x86_64</classifier></dependency>
    <dependency><groupId>org.bytedeco</groupId><artifactId>javacpp</artifactId><version>1.5.12</version>
      <classifier>linux-x86_64</classifier></dependency>
  </dependencies>
</project>
POM
cat > "$work/Sums.java" <<'JAVA'
import java.util.Random;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;

public class Sums {
    private static final Random RANDOM = new Random(1);
    private static final float[] X = numbers(256 * 1024);
    private static final float[] W = numbers(1024 * 1024);

    private static float[] numbers(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) RANDOM.nextGaussian();
        }
        return x;
    }

    /** alpha X wT with m rows of X and n rows of w. */
    private static float[] product(float[] w, int m, int n, int k, float alpha) {
        FloatPointer c = new FloatPointer((long) m * n);
        FloatPointer x = new FloatPointer(X);
        dnnl.dnnl_sgemm((byte) 'N', (byte) 'T', m, n, k, alpha, x, k, new FloatPointer(w), k, 0f, c, n);
        float[] out = new float[m * n];
        c.get(out);
        return out;
    }

    private static boolean same(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            if (a[i] != b[i]) {
                return false;
            }
        }
        return true;
    }

    private static float[] scaled(float[] x) {
        float[] out = x.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] *= 0.3f;
        }
        return out;
    }

    public static void main(String[] args) {
        for (int size : new int[] {64, 128, 256}) {
            float[] seen = product(W, size, size, 20, 0.3f);
            boolean after = same(seen, scaled(product(W, size, size, 20, 1f)), seen.length);
            boolean before = same(seen, product(scaled(W), size, size, 20, 1f), seen.length);
            System.out.println("alpha, " + size + " x " + size + ": after the sum " + after + ", before " + before);
        }
        for (int[] it : new int[][] {{15, 576}, {16, 576}, {64, 768}, {64, 896}, {128, 896}, {128, 1024}}) {
            boolean bits = same(product(W, 200, 576, it[1], 1f), product(W, it[0], 576, it[1], 1f), it[0] * 576);
            System.out.println(it[0] + " rows of 200, k = " + it[1] + ": " + (bits ? "same" : "other") + " bits");
        }
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/Sums.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Sums 2>/dev/null)
expected='alpha, 64 x 64: after the sum true, before false
alpha, 128 x 128: after the sum false, before true
alpha, 256 x 256: after the sum true, before false
15 rows of 200, k = 576: other bits
16 rows of 200, k = 576: same bits
64 rows of 200, k = 768: same bits
64 rows of 200, k = 896: other bits
128 rows of 200, k = 896: other bits
128 rows of 200, k = 1024: same bits'
echo "oneDNN 3.8.1:"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "changed; it was:"$'\n'"$expected" >&2; exit 1; }
