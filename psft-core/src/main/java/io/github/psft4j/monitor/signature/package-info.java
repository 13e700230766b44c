/** What goes wrong in fine-tuning, recognised from the metrics while it happens, with what to change. */
package io.github.psft4j.monitor.signature;
