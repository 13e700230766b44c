/** Objectives on pairs of sequences, one preferred to the other. */
package io.github.psft4j.losses.preference;
