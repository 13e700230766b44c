/**
 * Where macro-batches come from. Every method is a source of macro-batches plus a token objective; today's source is a
 * list of demonstrations.
 */
package io.github.psft4j.train.source;
