/** Matrix products on off-heap memory: oneDNN in float and bfloat16, OpenBLAS. */
package io.github.psft4j.kernel.cpu.gemm;
