/**
 * Runs in MLflow: its file store and its tracking server, written with the JDK alone. The official client is a means to
 * the same REST calls with protobuf and an HTTP client as dependencies, and knows no file store; see
 * docs/monitoring.md.
 */
package io.github.psft4j.monitor.mlflow;
