package io.github.psft4j.kernel.cpu.gemm;

/** Chooses the {@link Gemm} of this process. */
public final class GemmChoice {

    /**
     * Float products of the CPU: {@code auto} (default; oneDNN where it can be used), {@code onednn} or
     * {@code openblas}.
     */
    public static final String PRODUCTS_PROPERTY = "psft.products";

    private GemmChoice() {}

    /**
     * The float product for a wish of {@link #PRODUCTS_PROPERTY}.
     *
     * @throws IllegalArgumentException if the wish is unknown or oneDNN is wished for and cannot be used
     */
    public static Gemm of(String wanted) {
        OneDnn.Status dnn = OneDnn.status();
        return switch (wanted) {
            case "auto" -> dnn.problem() == null ? new OneDnnGemm() : new OpenBlasGemm();
            case "openblas" -> new OpenBlasGemm();
            case "onednn" -> {
                if (dnn.problem() != null) {
                    throw new IllegalArgumentException(PRODUCTS_PROPERTY + "=onednn is not possible: " + dnn.problem());
                }
                yield new OneDnnGemm();
            }
            default ->
                throw new IllegalArgumentException(
                        PRODUCTS_PROPERTY + " must be auto, onednn or openblas, was '" + wanted + "'");
        };
    }
}
