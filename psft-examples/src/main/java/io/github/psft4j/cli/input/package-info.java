/** What a subcommand reads: a model directory, data settings. */
package io.github.psft4j.cli.input;
