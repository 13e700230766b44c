/** The input of subcommands: a model directory, data settings. */
package io.github.psft4j.cli.input;
