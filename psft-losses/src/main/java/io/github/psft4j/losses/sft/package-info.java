/** Objectives of supervised fine-tuning that reweigh the cross-entropy of each demonstrated token. */
package io.github.psft4j.losses.sft;
