/** From a row to token ids and a loss mask: layouts, options, truncation. */
package io.github.psft4j.data.encode;
