#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: seed 0 is the time of day, and so is the seed of every thread but the one that called setSeed.
#
# Guessed: setSeed(0) and NeuralNetConfiguration.seed(0) repeat like any other seed. Nd4j.getRandom().setSeed(s) holds
#   for the program, and threads draw different numbers.
# Seen:    after setSeed(0) the numbers follow the milliseconds of the clock, and getSeed() says 0. So a network
#   configured with seed(0) has other initial weights in every run. Each thread has a generator of its own, which takes
#   the clock as well, whatever was set elsewhere. Workers that begin in the same millisecond draw the same numbers:
#   of 16 threads of a pool some share all their draws, in every run, so samples that are drawn in parallel repeat.
#   Way out: a seed of 1 or more, set in every thread by its own number.
# Source:  org.nd4j:nd4j-native:1.0.0-M2.1, CpuNativeRandom and RandomFactory; linux-x86_64, JDK 17.
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
cat > "$work/Clock.java" <<'JAVA'
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

public class Clock {
    private static final int THREADS = 16;

    private static String draw() {
        return Nd4j.rand(DataType.FLOAT, 8).toString();
    }

    private static String draw(long seed) {
        Nd4j.getRandom().setSeed(seed);
        return draw();
    }

    private static void tick() {
        for (long now = System.currentTimeMillis(); System.currentTimeMillis() == now; ) {
            Thread.onSpinWait();
        }
    }

    private static boolean repeats(long seed) {
        String first = draw(seed);
        tick();
        return draw(seed).equals(first);
    }

    /** What the threads of a new pool draw, which all begin at once; seeded by their number if asked to. */
    private static List<String> pool(boolean seeded) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        CountDownLatch start = new CountDownLatch(THREADS);
        List<Future<String>> draws = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i + 1;
            Callable<String> task = () -> {
                start.countDown();
                start.await();
                return seeded ? draw(number) : draw();
            };
            draws.add(pool.submit(task));
        }
        List<String> seen = new ArrayList<>();
        for (Future<String> one : draws) {
            seen.add(one.get());
        }
        pool.shutdown();
        return seen;
    }

    public static void main(String[] args) throws Exception {
        for (long seed : new long[] {1, 42, -1, 0}) {
            System.out.println("seed " + seed + " repeats: " + repeats(seed)
                    + ", getSeed() " + Nd4j.getRandom().getSeed());
        }
        Set<String> all = new HashSet<>();
        int drawn = 0;
        for (int pools = 0; pools < 20; pools++) {
            Nd4j.getRandom().setSeed(1);
            all.addAll(pool(false));
            drawn += THREADS;
        }
        System.out.println("setSeed(1), then 20 pools: some threads draw the same: " + (all.size() < drawn)
                + ", pools repeat: " + (all.size() == THREADS));
        List<String> once = pool(true);
        System.out.println("seeded by thread: all different: " + (new HashSet<>(once).size() == THREADS)
                + ", pools repeat: " + once.equals(pool(true)));
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -XDsuppressNotes -cp "$work/lib/*" -d "$work" "$work/Clock.java"
seen=$(OMP_NUM_THREADS=1 java -cp "$work:$work/lib/*" Clock 2>/dev/null)
expected='seed 1 repeats: true, getSeed() 1
seed 42 repeats: true, getSeed() 42
seed -1 repeats: true, getSeed() -1
seed 0 repeats: false, getSeed() 0
setSeed(1), then 20 pools: some threads draw the same: true, pools repeat: false
seeded by thread: all different: true, pools repeat: true'
printf 'nd4j-native 1.0.0-M2.1:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
