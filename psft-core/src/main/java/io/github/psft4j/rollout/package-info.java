/** Completions that a policy sampled, in groups per prompt, with their rewards: what policy gradients train on. */
package io.github.psft4j.rollout;
