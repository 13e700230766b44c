/**
 * What every other package needs and none owns: files replaced atomically, SHA-256 digests, the name nearest to a typo,
 * values as messages show them, faults of JSON files, the machine's memory.
 */
package io.github.psft4j.io;
