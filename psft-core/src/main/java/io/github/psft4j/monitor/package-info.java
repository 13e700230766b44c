/** Listeners that show and record a run: progress bar and metrics file. */
package io.github.psft4j.monitor;
