/**
 * A mini-batch in slices, which depend on the data alone: the gradient of one slice, and who computes it. Sums are
 * added in the order of the slices, so where a slice is computed changes no bit.
 */
package io.github.psft4j.train.slice;
