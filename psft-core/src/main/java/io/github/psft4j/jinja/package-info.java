/**
 * Jinja2 templates as transformers configures them for chats: {@code trim_blocks} and {@code lstrip_blocks}, loop
 * controls, {@code {% generation %}}, {@code raise_exception}, {@code strftime_now}, its own {@code tojson}.
 *
 * <p>Chat templates are Python in disguise: they call methods of {@code str} and {@code dict}, slice with negative
 * steps, print lists. Values therefore behave as Python's. A string is a sequence of code points, a filter such as
 * {@code select} gives an iterator that works once, and a list prints as {@code ['a', None]}.
 *
 * <p>Templates are not trusted. There is no reflection, and a template reaches only the values handed in. Containers
 * are never changed. Steps, characters and nesting are limited ({@link io.github.psft4j.jinja.Limits}).
 *
 * <p>Callers use this package only. Each package below uses those before it: {@code run}, {@code value}, {@code text},
 * {@code operator}, {@code builtin}, {@code tree}, {@code syntax}.
 */
package io.github.psft4j.jinja;
