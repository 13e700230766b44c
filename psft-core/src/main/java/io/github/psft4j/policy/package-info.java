/**
 * The stale policy pi_old: when it is refreshed, how its log-probs are taken, and how plain {@code net.fit} gets them.
 */
package io.github.psft4j.policy;
