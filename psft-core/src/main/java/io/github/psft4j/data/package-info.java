/** Demonstrations as tokens with a loss mask, and the padded batches that networks read. */
package io.github.psft4j.data;
