/**
 * What every other package needs and none owns. It replaces files atomically, computes SHA-256 digests, finds the name
 * nearest to a typo, formats values and faults of JSON files for messages, and measures the machine's memory.
 */
package io.github.psft4j.io;
