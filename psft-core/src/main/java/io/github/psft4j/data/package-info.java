/**
 * Demonstrations: from data files to tokens with a loss mask ({@link io.github.psft4j.data.DemonstrationFiles}), and
 * the padded batches that networks read.
 */
package io.github.psft4j.data;
