/** Macro-batches of rollouts: which rows are trained, how often, and with which columns; rollouts that are stored. */
package io.github.psft4j.rollout.source;
