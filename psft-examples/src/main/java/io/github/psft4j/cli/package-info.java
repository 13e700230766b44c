/**
 * The {@code psft} command and its short subcommands. Classes named Command hold options and help texts and name no
 * class of ND4J, so that help and configuration commands start fast; the work is in the classes that they call.
 */
package io.github.psft4j.cli;
