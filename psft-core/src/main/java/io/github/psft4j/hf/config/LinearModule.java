package io.github.psft4j.hf.config;

/**
 * A linear module of a model in transformers, and where its weight {@code [out, in]} lies in a decoder graph.
 *
 * @param name full name in transformers, such as {@code model.layers.0.self_attn.q_proj}
 * @param vertex vertex of the graph
 * @param weight weight of the vertex that holds the module's rows
 * @param from first of these rows
 * @param to one past the last row
 */
public record LinearModule(String name, String vertex, String weight, long from, long to) {}
