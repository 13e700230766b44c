/** Text that training data share with evaluation data: exact, 13 words, 8 words, 50 characters. */
package io.github.psft4j.eval.overlap;
