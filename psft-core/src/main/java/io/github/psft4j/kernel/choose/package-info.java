/** Chooses the form of the kernels for a data type, a backend and a precision. The only package that sees the forms. */
package io.github.psft4j.kernel.choose;
