/** Benchmarks of training steps, of the loss and of generation; each prints one line or one JSON object. */
package io.github.psft4j.bench;
