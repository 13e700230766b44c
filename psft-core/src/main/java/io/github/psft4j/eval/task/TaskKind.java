package io.github.psft4j.eval.task;

/** How a model is asked. */
public enum TaskKind {
    /** The model writes answers, which a judge calls right or wrong. */
    GENERATE,
    /** The choice of the highest log-likelihood is the answer; nothing is written. */
    CHOICE,
    /** The log-likelihood of whole texts. */
    PERPLEXITY
}
