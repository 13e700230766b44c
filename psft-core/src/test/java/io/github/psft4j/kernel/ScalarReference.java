package io.github.psft4j.kernel;

/** The formulas of {@link TensorOps} as plain loops over doubles, written to be read rather than to be fast. */
public final class ScalarReference {

    private ScalarReference() {}

    /** {@code c[m, n] = op(a) op(b) + beta c}; a transposed operand is stored as {@code [k, m]} or {@code [n, k]}. */
    public static double[] product(
            double[] a, boolean transA, double[] b, boolean transB, double[] c, double beta, int m, int n, int k) {
        double[] result = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = beta == 0 ? 0 : beta * c[i * n + j];
                for (int p = 0; p < k; p++) {
                    sum += a[transA ? p * m + i : i * k + p] * b[transB ? j * k + p : p * n + j];
                }
                result[i * n + j] = sum;
            }
        }
        return result;
    }

    static double[] inverseRms(double[] x, int width, double eps) {
        double[] r = new double[x.length / width];
        for (int i = 0; i < r.length; i++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                sum += x[i * width + j] * x[i * width + j];
            }
            r[i] = 1 / Math.sqrt(sum / width + eps);
        }
        return r;
    }

    static double[] rmsNorm(double[] x, double[] gain, double eps) {
        double[] r = inverseRms(x, gain.length, eps);
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] * r[i / gain.length] * gain[i % gain.length];
        }
        return y;
    }

    static double[] rmsNormGradInput(double[] dy, double[] x, double[] gain, double eps, double[] dx, double beta) {
        int width = gain.length;
        double[] r = inverseRms(x, width, eps);
        double[] result = new double[x.length];
        for (int i = 0; i < r.length; i++) {
            double projection = 0; // sum of dy gain x
            for (int j = 0; j < width; j++) {
                projection += dy[i * width + j] * gain[j] * x[i * width + j];
            }
            for (int j = 0; j < width; j++) {
                int at = i * width + j;
                result[at] = dy[at] * gain[j] * r[i] - x[at] * projection * r[i] * r[i] * r[i] / width;
                result[at] += beta == 0 ? 0 : beta * dx[at];
            }
        }
        return result;
    }

    static double[] rmsNormGradGain(double[] dy, double[] x, int width, double eps) {
        double[] r = inverseRms(x, width, eps);
        double[] dGain = new double[width];
        for (int i = 0; i < x.length; i++) {
            dGain[i % width] += dy[i] * x[i] * r[i / width];
        }
        return dGain;
    }

    static double[] rotate(double[] qkv, AttentionShape shape, RotaryTable table, int firstPosition, boolean inverse) {
        double[] result = qkv.clone();
        int half = shape.headDim() / 2;
        for (int row = 0; row < shape.rows(); row++) {
            int position = firstPosition + shape.layout().position(row);
            for (int head = 0; head < shape.heads() + shape.kvHeads(); head++) {
                for (int i = 0; i < half; i++) {
                    int at = row * shape.qkvWidth() + head * shape.headDim() + i;
                    double cos = table.cos()[position * half + i];
                    double sin = (inverse ? -1 : 1) * table.sin()[position * half + i];
                    result[at] = qkv[at] * cos - qkv[at + half] * sin;
                    result[at + half] = qkv[at + half] * cos + qkv[at] * sin;
                }
            }
        }
        return result;
    }

    /** Probabilities, output, log-sum-exp and, if dOut is given, the gradient of causal attention. */
    public static final class Attention {

        public final double[] out; // [n, H * d]
        public final double[] logSumExp; // [B * H, T]
        final double[] dqkv; // [n, (H + 2 KV) * d]
        private final double[] qkv;
        private final AttentionShape shape;

        public Attention(double[] qkv, AttentionShape shape, double[] dOut) {
            this.qkv = qkv;
            this.shape = shape;
            out = new double[shape.rows() * shape.outWidth()];
            logSumExp = new double[shape.heads() * shape.rows()];
            dqkv = new double[qkv.length];
            for (int b = 0; b < shape.batch(); b++) {
                for (int h = 0; h < shape.heads(); h++) {
                    for (int t = 0; t < shape.time(); t++) {
                        query(b, h, t, dOut);
                    }
                }
            }
        }

        private void query(int b, int h, int t, double[] dOut) {
            int d = shape.headDim();
            int g = h / shape.group();
            int q = (b * shape.time() + t) * shape.qkvWidth() + shape.queryColumn(h);
            double[] p = new double[t + 1];
            int first = firstSeen(b, t);
            if (first < 0) {
                logSumExp[(b * shape.heads() + h) * shape.time() + t] = Double.NaN; // padding, not written
                return;
            }
            double max = Double.NEGATIVE_INFINITY;
            for (int s = first; s <= t; s++) {
                for (int c = 0; c < d; c++) {
                    p[s] += qkv[q + c] * qkv[key(b, s, g) + c] * shape.scale();
                }
                max = Math.max(max, p[s]);
            }
            double sum = 0;
            for (int s = first; s <= t; s++) {
                p[s] = Math.exp(p[s] - max);
                sum += p[s];
            }
            logSumExp[(b * shape.heads() + h) * shape.time() + t] = max + Math.log(sum);
            int o = (b * shape.time() + t) * shape.outWidth() + h * d;
            for (int s = 0; s <= t; s++) {
                p[s] /= sum;
                for (int c = 0; c < d; c++) {
                    out[o + c] += p[s] * qkv[value(b, s, g) + c];
                }
            }
            if (dOut != null) {
                queryGrad(b, t, g, q, o, p, dOut);
            }
        }

        /** First position of the row that is in the sequence of position t and in its window, -1 for padding. */
        private int firstSeen(int b, int t) {
            int row = b * shape.time() + t;
            int sequence = shape.layout().sequence(row);
            int seen = t;
            while (seen > 0
                    && shape.layout().sequence(row - (t - seen) - 1) == sequence
                    && (shape.window() == 0 || t - seen + 1 < shape.window())) {
                seen--;
            }
            return sequence == SequenceLayout.PADDING ? -1 : seen;
        }

        private void queryGrad(int b, int t, int g, int q, int o, double[] p, double[] dOut) {
            int d = shape.headDim();
            double[] dp = new double[t + 1];
            double mean = 0;
            for (int s = 0; s <= t; s++) {
                for (int c = 0; c < d; c++) {
                    dp[s] += dOut[o + c] * qkv[value(b, s, g) + c];
                    dqkv[value(b, s, g) + c] += p[s] * dOut[o + c];
                }
                mean += p[s] * dp[s];
            }
            for (int s = 0; s <= t; s++) {
                double dScore = p[s] * (dp[s] - mean) * shape.scale();
                for (int c = 0; c < d; c++) {
                    dqkv[q + c] += dScore * qkv[key(b, s, g) + c];
                    dqkv[key(b, s, g) + c] += dScore * qkv[q + c];
                }
            }
        }

        private int key(int b, int s, int g) {
            return (b * shape.time() + s) * shape.qkvWidth() + shape.keyColumn(g);
        }

        private int value(int b, int s, int g) {
            return (b * shape.time() + s) * shape.qkvWidth() + shape.valueColumn(g);
        }
    }

    /** Probabilities of one row. */
    public static double[] softmaxRow(double[] z) {
        double max = Double.NEGATIVE_INFINITY;
        for (double v : z) {
            max = Math.max(max, v);
        }
        double[] p = new double[z.length];
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            p[i] = Math.exp(z[i] - max);
            sum += p[i];
        }
        for (int i = 0; i < z.length; i++) {
            p[i] /= sum;
        }
        return p;
    }

    /** {@code log sum exp} of one row. */
    public static double logSumExp(double[] z) {
        double max = Double.NEGATIVE_INFINITY;
        for (double v : z) {
            max = Math.max(max, v);
        }
        double sum = 0;
        for (double v : z) {
            sum += Math.exp(v - max);
        }
        return max + Math.log(sum);
    }

    /** {@code -sum p log p} of one row, with 0 log 0 = 0. */
    public static double entropy(double[] z) {
        double[] p = softmaxRow(z);
        double logSumExp = logSumExp(z);
        double entropy = 0;
        for (int i = 0; i < z.length; i++) {
            entropy -= p[i] == 0 ? 0 : p[i] * (z[i] - logSumExp);
        }
        return entropy;
    }

    /** In place on w, m and v. */
    static void adamW(double[] w, double[] gradient, double[] m, double[] v, AdamWStep s) {
        for (int i = 0; i < w.length; i++) {
            double g = s.gradientScale() * gradient[i];
            w[i] -= s.learningRate() * s.weightDecay() * w[i];
            m[i] = s.beta1() * m[i] + (1 - s.beta1()) * g;
            v[i] = s.beta2() * v[i] + (1 - s.beta2()) * g * g;
            double mHat = m[i] / (1 - Math.pow(s.beta1(), s.step()));
            double vHat = v[i] / (1 - Math.pow(s.beta2(), s.step()));
            w[i] -= s.learningRate() * mHat / (Math.sqrt(vHat) + s.epsilon());
        }
    }
}
