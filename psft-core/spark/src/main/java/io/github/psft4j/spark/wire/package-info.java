/** What travels between driver and executors, and how stages are run. */
package io.github.psft4j.spark.wire;
