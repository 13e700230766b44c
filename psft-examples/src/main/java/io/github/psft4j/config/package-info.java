/**
 * The settings of a run. Every key is in one table, read from YAML and overrides, checked as a whole, and written with
 * its origin.
 */
package io.github.psft4j.config;
