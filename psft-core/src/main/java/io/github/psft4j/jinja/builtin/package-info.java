/** The filters, tests and functions that every template knows by name. */
package io.github.psft4j.jinja.builtin;
