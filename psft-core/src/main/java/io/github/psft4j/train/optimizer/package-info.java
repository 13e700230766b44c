/** The optimizer step: AdamW, clipping of the gradient norm, the learning-rate schedule, weight decay. */
package io.github.psft4j.train.optimizer;
