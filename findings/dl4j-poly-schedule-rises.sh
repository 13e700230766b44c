#!/usr/bin/env bash
# DL4J 1.0.0-M2.1: PolySchedule, meant to lower the learning rate to 0, raises it.
#
# Guessed: new PolySchedule(ITERATION, 1e-4, 1, 100) is the linear decay of fine-tuning, 1e-4 x (1 - i / 100), as the
#   "poly" of Caffe. Its Javadoc says "decay", by 1e-4 x (1 + i / 100)^-1, which would at least fall to half.
# Seen:    it computes initialValue x (1 + i / maxIter)^power. The rate rises from 1e-4 to 1.99e-4 at step 99, with
#   power 2 to 3.96e-4. From maxIter on it is 0. Training runs without an error, with its largest steps at the end, and
#   stops where it should. Power -1 gives the Javadoc's curve; an ISchedule of one's own gives a line to 0.
# Source:  org.nd4j:nd4j-api:1.0.0-M2.1, org.nd4j.linalg.schedule.PolySchedule; JDK 17.
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
    <dependency><groupId>org.nd4j</groupId><artifactId>nd4j-api</artifactId><version>1.0.0-M2.1</version></dependency>
  </dependencies>
</project>
POM
cat > "$work/Poly.java" <<'JAVA'
import java.util.Locale;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.PolySchedule;
import org.nd4j.linalg.schedule.ScheduleType;

public class Poly {
    public static void main(String[] args) {
        for (int power = 1; power <= 2; power++) {
            Adam adam = new Adam(new PolySchedule(ScheduleType.ITERATION, 1e-4, power, 100));
            StringBuilder rates = new StringBuilder("power " + power + ":");
            for (int step : new int[] {0, 25, 50, 75, 99, 100}) {
                rates.append(String.format(Locale.ROOT, "  %d %.3e", step, adam.getLearningRate(step, 0)));
            }
            System.out.println(rates);
        }
    }
}
JAVA
"$here/../mvnw" -q -B -ntp -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/lib"
javac -cp "$work/lib/*" -d "$work" "$work/Poly.java"
seen=$(java -cp "$work:$work/lib/*" Poly 2>/dev/null)
expected='power 1:  0 1.000e-04  25 1.250e-04  50 1.500e-04  75 1.750e-04  99 1.990e-04  100 0.000e+00
power 2:  0 1.000e-04  25 1.563e-04  50 2.250e-04  75 3.063e-04  99 3.960e-04  100 0.000e+00'
printf 'nd4j-api 1.0.0-M2.1, step and rate:\n%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'changed; it was:\n%s\n' "$expected" >&2; exit 1; }
