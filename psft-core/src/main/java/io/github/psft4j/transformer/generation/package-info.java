/** Text from a decoder: cached passes, sampling, streaming. */
package io.github.psft4j.transformer.generation;
