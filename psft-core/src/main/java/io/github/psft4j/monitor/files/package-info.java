/** The files of a run directory: their names, and writing them so that an error says which file and what to do. */
package io.github.psft4j.monitor.files;
