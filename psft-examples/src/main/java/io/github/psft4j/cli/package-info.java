/**
 * The {@code psft} command and its short subcommands. Classes named Command hold options and help texts. They name no
 * class of ND4J, so that help and configuration commands start fast. The classes that they call do the work.
 */
package io.github.psft4j.cli;
