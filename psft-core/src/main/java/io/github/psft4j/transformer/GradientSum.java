package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The sum of the gradients of several passes, which is the graph's flat gradient. The first pass writes it; in the
 * others every layer writes beside it and then adds. So no second vector of the gradient's length is needed.
 */
public final class GradientSum implements AutoCloseable {

    private final ComputationGraph graph;
    private final List<INDArray> free = new ArrayList<>();
    private boolean adding;

    /** The sum of the passes over a graph until {@link #close}. */
    public GradientSum(ComputationGraph graph) {
        this.graph = graph;
    }

    /** Later passes are added. */
    public void addFromNowOn() {
        if (!adding) {
            adding = true;
            tell(this);
        }
    }

    /** Passes overwrite the gradient again. */
    @Override
    public void close() {
        tell(null);
        free.forEach(INDArray::close);
        free.clear();
    }

    private void tell(GradientSum sum) {
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof DecoderLayerImpl<?> own) {
                own.gradients.sumIn(sum);
            } else if (layer instanceof LmHeadLayer head) {
                head.gradients.sumIn(sum);
            }
        }
    }

    /** An array of this shape with any content, outside of workspaces. */
    INDArray take(INDArray like) {
        for (Iterator<INDArray> all = free.iterator(); all.hasNext(); ) {
            INDArray next = all.next();
            if (next.length() == like.length()) {
                all.remove();
                return next;
            }
        }
        try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            return Nd4j.createUninitialized(like.dataType(), like.length());
        }
    }

    void giveBack(INDArray array) {
        free.add(array);
    }

    /** Where a layer writes its gradients: into the graph's, or under a sum beside them. */
    static final class OfLayer {

        private GradientSum sum; // null: the graph's are overwritten
        private INDArray beside; // flat; null outside of a pass
        private Map<String, INDArray> views; // of it

        void sumIn(GradientSum newSum) {
            sum = newSum;
            beside = null; // of a pass that failed
            views = null;
        }

        /**
         * Views of the gradients by name; none for frozen weights.
         *
         * @param own views of the graph's gradients, null without any
         * @param flat what they are views of
         */
        Map<String, INDArray> table(NeuralNetConfiguration conf, Map<String, INDArray> own, INDArray flat) {
            if (own == null) {
                return Map.of();
            }
            if (sum == null || own.isEmpty()) {
                return own;
            }
            if (views == null) {
                beside = sum.take(flat);
                views = conf.getLayer().initializer().getGradientsFromFlattened(conf, beside);
            }
            return views;
        }

        /** Ends the layer's pass. */
        void add(TensorOps ops, INDArray flat) {
            if (views != null) {
                ops.vectors().add(beside, flat.reshape(flat.length()));
                sum.giveBack(beside);
                beside = null;
                views = null;
            }
        }
    }
}
