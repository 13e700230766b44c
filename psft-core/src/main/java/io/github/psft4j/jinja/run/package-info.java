/** The state of one rendering: its budget, its output and its errors. */
package io.github.psft4j.jinja.run;
