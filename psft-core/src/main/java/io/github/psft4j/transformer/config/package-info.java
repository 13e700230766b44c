/** The shape of a decoder: sizes, kinds of norm and feed-forward, rotary embedding. */
package io.github.psft4j.transformer.config;
