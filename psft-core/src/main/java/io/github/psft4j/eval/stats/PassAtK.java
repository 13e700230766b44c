package io.github.psft4j.eval.stats;

/**
 * The chance that at least one of k samples is right, estimated without bias from n samples of which c are right:
 * {@code 1 - C(n - c, k) / C(n, k)} (arXiv 2107.03374, eq. 1).
 */
public final class PassAtK {

    private PassAtK() {}

    /**
     * The estimate for one question.
     *
     * @param n samples, &gt;= 1
     * @param c right ones, 0 to n
     * @param k samples that may be tried, 1 to n
     * @throws IllegalArgumentException for counts out of range
     */
    public static double of(int n, int c, int k) {
        check(n, c, k);
        if (n - c < k) {
            return 1;
        }
        return 0 - Math.expm1(logFailure(n, c, k)); // 0 and not -0 where none is right
    }

    /** One minus the estimate, exact to rounding where it is tiny. */
    public static double failure(int n, int c, int k) {
        check(n, c, k);
        return n - c < k ? 0 : Math.exp(logFailure(n, c, k));
    }

    /** The mean over questions of equally many samples. */
    public static double mean(int n, int[] counts, int k) {
        if (counts.length == 0) {
            throw new IllegalArgumentException("pass@k needs at least one question");
        }
        double sum = 0;
        for (int c : counts) {
            sum += of(n, c, k);
        }
        return sum / counts.length;
    }

    private static void check(int n, int c, int k) {
        if (n < 1 || c < 0 || c > n || k < 1 || k > n) {
            throw new IllegalArgumentException(
                    "pass@k needs 0 <= c <= n and 1 <= k <= n, was n = " + n + ", c = " + c + ", k = " + k);
        }
    }

    /** {@code C(n - c, k) / C(n, k)} is the product of {@code 1 - k / i} over i from n - c + 1 to n. */
    private static double logFailure(int n, int c, int k) {
        double sum = 0;
        for (int i = n - c + 1; i <= n; i++) {
            sum += Math.log1p(-(double) k / i);
        }
        return sum;
    }
}
