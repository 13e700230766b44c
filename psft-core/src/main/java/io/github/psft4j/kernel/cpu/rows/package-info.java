/** Loops over one row of floats: with the Vector module of the JDK, or in plain Java. */
package io.github.psft4j.kernel.cpu.rows;
