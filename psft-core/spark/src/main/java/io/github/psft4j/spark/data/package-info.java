/** Files of any file system of Hadoop: data, read and tokenised in parts by tasks, and copies of checkpoints. */
package io.github.psft4j.spark.data;
