/** What recording listeners receive: the fields of a step, an evaluation. */
package io.github.psft4j.monitor.event;
