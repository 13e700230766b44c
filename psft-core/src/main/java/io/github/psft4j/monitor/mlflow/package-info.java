/**
 * Runs in MLflow: its file store and its tracking server, written with the JDK alone. The official client makes the
 * same REST calls, needs protobuf and an HTTP client, and knows no file store. See docs/monitoring.md.
 */
package io.github.psft4j.monitor.mlflow;
