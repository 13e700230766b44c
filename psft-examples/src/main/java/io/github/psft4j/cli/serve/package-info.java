/** {@code psft serve}. */
package io.github.psft4j.cli.serve;
