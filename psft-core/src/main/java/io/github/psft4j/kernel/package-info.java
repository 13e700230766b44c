/**
 * Tensor operations by family, their shapes, and the worker pool. The forms that compute them lie in packages below.
 */
package io.github.psft4j.kernel;
