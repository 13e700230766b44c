/** Operators, indices and attributes of Python's values. */
package io.github.psft4j.jinja.operator;
