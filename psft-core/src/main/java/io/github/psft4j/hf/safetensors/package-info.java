/** Weights in safetensors files, in one file or in shards: reading, writing, rounding. */
package io.github.psft4j.hf.safetensors;
