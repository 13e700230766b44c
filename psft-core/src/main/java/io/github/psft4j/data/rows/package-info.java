/**
 * Rows of data files before they are tokens: JSON Lines, JSON, CSV and TSV, plain or packed, and the faults of a row.
 */
package io.github.psft4j.data.rows;
