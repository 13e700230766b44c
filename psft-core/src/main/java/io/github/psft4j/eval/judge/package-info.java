/** Who calls a completion right or wrong. */
package io.github.psft4j.eval.judge;
