package io.github.psft4j.examples.experiment.kit;

/** Claims of the paper that both beds are asked about: the key of the table of all claims. */
public final class PaperClaims {

    public static final String OUT_OF_DOMAIN =
            "Out of domain PSFT 61.3, SFT 57.9 (Table 1, Qwen2.5-7B), at a twentieth of the rate";

    public static final String ENTROPY = "Entropy at the end PSFT 0.28, SFT 0.035 (curves, Qwen2.5-7B)";

    public static final String IN_DOMAIN = "In domain PSFT 47.0, SFT 48.0 (Table 1, Qwen2.5-7B)";

    private PaperClaims() {}
}
