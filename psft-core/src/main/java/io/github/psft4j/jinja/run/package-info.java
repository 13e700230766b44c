/** What one rendering has used of its limits, what it wrote, and how it fails. */
package io.github.psft4j.jinja.run;
