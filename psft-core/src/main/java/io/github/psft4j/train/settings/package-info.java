/** What a training run is told: batches, order of rows, goal, rates. */
package io.github.psft4j.train.settings;
