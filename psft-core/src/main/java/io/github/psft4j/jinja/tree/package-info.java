/** The nodes of a template, which execute themselves in a scope. */
package io.github.psft4j.jinja.tree;
