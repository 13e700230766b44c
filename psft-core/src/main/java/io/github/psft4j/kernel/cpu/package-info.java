/** The float form for the CPU: row shares for the workers, tiles of attention, norms, softmax, vectors. */
package io.github.psft4j.kernel.cpu;
