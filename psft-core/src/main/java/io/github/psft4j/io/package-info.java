/**
 * What every other package needs and none owns: files replaced atomically, SHA-256 digests, faults of JSON files,
 * the machine's memory.
 */
package io.github.psft4j.io;
