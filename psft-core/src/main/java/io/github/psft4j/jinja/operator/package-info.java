/** What an operator, an index or an attribute gives for Python's values. */
package io.github.psft4j.jinja.operator;
