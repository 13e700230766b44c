/** The portable form: ND4J operations only. It runs on every type and backend that ND4J has. */
package io.github.psft4j.kernel.nd4j;
