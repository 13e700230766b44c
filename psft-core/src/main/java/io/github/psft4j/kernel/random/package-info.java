/** Random numbers by place: every element has its own, whatever the threads and the order. */
package io.github.psft4j.kernel.random;
