/** The training loop: macro- and mini-batches, accumulation, the optimizer step, schedules and listeners. */
package io.github.psft4j.train;
