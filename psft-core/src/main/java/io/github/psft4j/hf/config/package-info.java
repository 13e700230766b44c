/** {@code config.json}: one class per model family turns it into a decoder configuration and back. */
package io.github.psft4j.hf.config;
