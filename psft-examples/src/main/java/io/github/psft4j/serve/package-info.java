/** The model that {@code psft serve} serves, its limits and its metrics. */
package io.github.psft4j.serve;
