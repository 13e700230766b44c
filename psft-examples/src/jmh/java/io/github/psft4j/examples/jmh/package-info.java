/** Micro-benchmarks of the kernels by JMH; built by the profile {@code jmh} alone. */
package io.github.psft4j.examples.jmh;
