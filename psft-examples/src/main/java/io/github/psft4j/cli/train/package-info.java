/** The subcommand that trains: its run directory, its listeners, its trainer. */
package io.github.psft4j.cli.train;
