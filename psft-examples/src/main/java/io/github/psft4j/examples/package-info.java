/**
 * Programs on psft4j: the {@link io.github.psft4j.examples.Quickstart quick start}, the
 * {@link io.github.psft4j.examples.PretrainSkills pretraining} of its base model, and
 * {@link io.github.psft4j.examples.Experiment experiments} over seeds, rates and clip widths.
 */
package io.github.psft4j.examples;
