/** Policy-gradient objectives for rollouts with advantages. */
package io.github.psft4j.losses.rl;
