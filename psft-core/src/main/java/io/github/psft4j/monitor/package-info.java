/**
 * Listeners that show and record a run: progress, metrics files, evaluation on held-out data, clipped tokens, and ready
 * sets of them. TensorBoard, MLflow, failure signatures and the HTML report have packages of their own. The numbers,
 * their units and healthy ranges: docs/monitoring.md.
 */
package io.github.psft4j.monitor;
