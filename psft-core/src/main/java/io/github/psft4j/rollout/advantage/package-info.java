/** From the rewards of a batch to one advantage per token: baselines, scales, whitening, KL in the reward. */
package io.github.psft4j.rollout.advantage;
