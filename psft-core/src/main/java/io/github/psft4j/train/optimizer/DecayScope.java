package io.github.psft4j.train.optimizer;

/** Which parameters weight decay pulls towards 0. */
public enum DecayScope {
    /** All, as PyTorch's AdamW does with {@code model.parameters()}; the paper's recipe. */
    ALL,
    /**
     * Those of rank 2 and more, embeddings included; biases and the gains of norms do not decay. The grouping of
     * nanoGPT, and of transformers' Trainer but for its naming rules.
     */
    MATRICES
}
