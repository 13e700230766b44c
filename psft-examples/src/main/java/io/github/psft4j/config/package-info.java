/** The settings of a run: every key in one table, read from YAML and overrides, checked as a whole, written with origins. */
package io.github.psft4j.config;
