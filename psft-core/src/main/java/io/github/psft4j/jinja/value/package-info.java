/** Python's values in Java, and how they print, compare and iterate. A value never changes. */
package io.github.psft4j.jinja.value;
