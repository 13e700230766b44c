/** Rows of Parquet files, read without Hadoop. */
package io.github.psft4j.data.rows.parquet;
