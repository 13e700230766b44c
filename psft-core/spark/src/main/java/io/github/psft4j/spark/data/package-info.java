/** Data files of any file system of Hadoop, read and tokenised in parts by tasks. */
package io.github.psft4j.spark.data;
