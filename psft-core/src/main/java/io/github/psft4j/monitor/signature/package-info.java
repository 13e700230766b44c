/** Failures of fine-tuning, recognised from the metrics while they happen, each with a remedy. */
package io.github.psft4j.monitor.signature;
