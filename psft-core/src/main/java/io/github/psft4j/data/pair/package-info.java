/** Rows that say which answer is preferred: pairs of answers, and single answers with a label. */
package io.github.psft4j.data.pair;
