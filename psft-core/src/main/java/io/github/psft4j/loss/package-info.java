/**
 * Token objectives and their adapter to Deeplearning4j's loss interface: what a demonstrated token costs and how its
 * logits move.
 *
 * <p>Nothing here knows a Deeplearning4j layer; the mathematics needs logits, targets and label columns only.
 */
package io.github.psft4j.loss;
