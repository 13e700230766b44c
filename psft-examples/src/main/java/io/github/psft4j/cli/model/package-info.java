/** Subcommands that use a model: generate, chat, score, inspect. */
package io.github.psft4j.cli.model;
