/** Metrics as TensorBoard event files, written without TensorFlow. */
package io.github.psft4j.monitor.tensorboard;
