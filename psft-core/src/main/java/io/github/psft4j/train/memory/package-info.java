/** How much memory a training run takes, and what makes it fit. */
package io.github.psft4j.train.memory;
