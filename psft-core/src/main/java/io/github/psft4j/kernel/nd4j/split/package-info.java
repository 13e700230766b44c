/** The portable form on the workers: each worker runs ND4J operations on its slice of the rows. */
package io.github.psft4j.kernel.nd4j.split;
