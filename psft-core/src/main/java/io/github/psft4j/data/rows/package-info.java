/** Rows of data files before they are tokens: JSON Lines, plain or gzip, and the faults of a row. */
package io.github.psft4j.data.rows;
