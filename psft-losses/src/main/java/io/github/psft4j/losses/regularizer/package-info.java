/** Terms to be added to another objective: divergences to a reference, entropy, label smoothing, z-loss. */
package io.github.psft4j.losses.regularizer;
