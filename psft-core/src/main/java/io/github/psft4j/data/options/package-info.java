/** How data files are read: layouts, columns, which tokens are trained, what happens to bad rows. */
package io.github.psft4j.data.options;
