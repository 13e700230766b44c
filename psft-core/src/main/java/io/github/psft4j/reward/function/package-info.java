/** The rewards that come with psft4j, each a record of settings. */
package io.github.psft4j.reward.function;
