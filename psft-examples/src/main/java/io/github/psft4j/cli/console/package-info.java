/** The command and its console: exit codes, failures as one screen, Ctrl-C, standard output. */
package io.github.psft4j.cli.console;
