/**
 * Tensor operations: products, row kernels and the worker pool, in a fast float form for the CPU and a portable ND4J
 * form for every other type and backend.
 */
package io.github.psft4j.kernel;
