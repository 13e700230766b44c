/** A file system that fails or stops where a test wants it to. */
package io.github.psft4j.faults;
