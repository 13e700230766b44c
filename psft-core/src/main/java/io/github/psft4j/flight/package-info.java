/** Events for Java Flight Recorder: where the time of a run goes. They cost nothing while nobody records. */
package io.github.psft4j.flight;
