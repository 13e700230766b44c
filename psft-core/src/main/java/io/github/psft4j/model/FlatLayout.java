package io.github.psft4j.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Cuts a flat vector the way a graph lays out its parameters: vertices in topological order, each cut by its layer's
 * initializer.
 */
final class FlatLayout {

    private FlatLayout() {}

    /** Views by {@code vertex_parameter}. */
    static Map<String, INDArray> cut(ComputationGraph graph, INDArray flat) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        GraphVertex[] vertices = graph.getVertices();
        long at = 0;
        for (int index : graph.topologicalSortOrder()) {
            GraphVertex vertex = vertices[index];
            long n = vertex.numParams();
            if (vertex.hasLayer() && n > 0) {
                Layer layer = vertex.getLayer();
                INDArray part = flat.get(NDArrayIndex.interval(at, at + n));
                layer.conf()
                        .getLayer()
                        .initializer()
                        .getGradientsFromFlattened(layer.conf(), part)
                        .forEach((name, view) -> views.put(vertex.getVertexName() + "_" + name, view));
            }
            at += n;
        }
        return views;
    }

    /** The ranges without arrays: where each parameter begins and ends. */
    static List<ParameterRange> ranges(ComputationGraph graph) {
        List<ParameterRange> ranges = new ArrayList<>();
        INDArray flat = graph.params();
        long start = flat.offset();
        cut(graph, flat.reshape(flat.length())).forEach((name, view) -> {
            long from = view.offset() - start;
            ranges.add(new ParameterRange(name, from, from + view.length(), view.rank()));
        });
        ranges.sort(Comparator.comparingLong(ParameterRange::from));
        return ranges;
    }
}
