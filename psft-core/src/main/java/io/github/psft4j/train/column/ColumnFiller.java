package io.github.psft4j.train.column;

import io.github.psft4j.loss.Column;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.train.source.MacroBatch;

/** Fills one label column of every macro-batch before it is trained. */
public interface ColumnFiller {

    /** The column. */
    Column column();

    /**
     * Fills the column, unless the macro-batch has it: a macro-batch of a checkpoint keeps the values that it had.
     *
     * @param policy the model as it is now
     */
    void fill(MacroBatch macro, CausalLm policy);
}
