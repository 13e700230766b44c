/** Settings that describe themselves: a record declares each with name, range, default and documentation. */
package io.github.psft4j.settings;
