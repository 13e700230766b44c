/** Subcommands that look at data files. */
package io.github.psft4j.cli.data;
