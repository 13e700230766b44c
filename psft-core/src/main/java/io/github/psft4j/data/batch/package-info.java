/** Demonstrations as arrays: packed rows and padded batches. */
package io.github.psft4j.data.batch;
