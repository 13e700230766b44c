/** The shape of a decoder and of its adapters: sizes, kinds of norm and feed-forward, rotary embedding. */
package io.github.psft4j.transformer.config;
