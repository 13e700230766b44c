/** Rollouts that the policy itself writes: prompts in, samples, rewards and advantages out, step by step. */
package io.github.psft4j.rollout.sample;
