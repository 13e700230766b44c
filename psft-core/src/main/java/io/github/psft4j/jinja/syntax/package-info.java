/** Reads a template: the lexer makes tokens, the parser makes the tree. */
package io.github.psft4j.jinja.syntax;
