package io.github.psft4j.model;

/**
 * The range of one parameter in the flat vector of all parameters.
 *
 * @param name vertex and parameter of the graph
 * @param from first element
 * @param to one past the last element
 * @param rank number of dimensions: 2 for matrices and embeddings, 1 for biases and gains
 */
public record ParameterRange(String name, long from, long to, int rank) {}
