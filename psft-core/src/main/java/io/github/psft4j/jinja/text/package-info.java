/** The methods and the format specification of Python's {@code str}. */
package io.github.psft4j.jinja.text;
