/** Rewards: what a sampled completion is worth, by functions that may fail without taking the run down. */
package io.github.psft4j.reward;
