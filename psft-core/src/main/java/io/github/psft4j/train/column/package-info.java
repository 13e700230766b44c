/** What fills the label columns of a macro-batch: pi_old, the scores of a reference model, and weights. */
package io.github.psft4j.train.column;
