/** Charts of runs: one self-contained interactive HTML page, and SVG pictures. */
package io.github.psft4j.monitor.report;
