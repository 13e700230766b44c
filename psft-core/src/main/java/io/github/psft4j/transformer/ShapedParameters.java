package io.github.psft4j.transformer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A layer configuration that names its parameters and their shapes; {@link #INITIALIZER} cuts Deeplearning4j's flat
 * vector into them in that order.
 */
interface ShapedParameters {

    /**
     * Names and shapes of all weights in flattening order; linear weights are {@code [out, in]}, gains and biases
     * vectors.
     */
    Map<String, long[]> weightShapes();

    /** What of the layer is trained; null for all its weights. */
    TrainedPart trained();

    /** Names and shapes of the trained parameters in flattening order. */
    default Map<String, long[]> parameterShapes() {
        return trained() == null ? weightShapes() : trained().shapes(weightShapes());
    }

    /** Standard deviation of a fresh weight. Of the vectors, biases start at 0 and gains at 1. */
    double deviation(String parameter);

    /** First letter of the names of all biases, and of no gain. */
    String BIAS = "b";

    /** Marks what the network's builder fills in with its global settings. */
    static void unset(BaseLayer layer) {
        layer.setBiasInit(Double.NaN);
        layer.setGainInit(Double.NaN);
        layer.setGradientNormalizationThreshold(Double.NaN);
        layer.setRegularization(new ArrayList<>());
        layer.setRegularizationBias(new ArrayList<>());
    }

    /** Gives a fresh working layer its place in the network and its views of the parameters. */
    default <L extends org.deeplearning4j.nn.api.Layer> L assemble(
            L layer,
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize) {
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(INITIALIZER.init(conf, parameters, initialize));
        layer.setConf(conf);
        return layer;
    }

    /** The one initializer of all these layers. */
    ParamInitializer INITIALIZER = new ParamInitializer() {
        @Override
        public long numParams(NeuralNetConfiguration conf) {
            return numParams(conf.getLayer());
        }

        @Override
        public long numParams(Layer layer) {
            return shapes(layer).values().stream().mapToLong(this::length).sum();
        }

        @Override
        public List<String> paramKeys(Layer layer) {
            return new ArrayList<>(shapes(layer).keySet());
        }

        @Override
        public List<String> weightKeys(Layer layer) {
            return keys(layer, true);
        }

        @Override
        public List<String> biasKeys(Layer layer) {
            return keys(layer, false);
        }

        private List<String> keys(Layer layer, boolean weights) {
            List<String> keys = paramKeys(layer);
            keys.removeIf(key -> isWeightParam(layer, key) != weights);
            return keys;
        }

        @Override
        public boolean isWeightParam(Layer layer, String key) {
            return shapes(layer).get(key).length > 1;
        }

        /** Gains and biases count as biases for Deeplearning4j's regularization: not decayed by its weight decay. */
        @Override
        public boolean isBiasParam(Layer layer, String key) {
            return !isWeightParam(layer, key);
        }

        @Override
        public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray flat, boolean initialize) {
            Map<String, INDArray> views = cut(conf, flat);
            ShapedParameters layer = (ShapedParameters) conf.getLayer();
            views.forEach((name, view) -> {
                conf.addVariable(name);
                if (initialize && TrainedPart.startsAtZero(name)) {
                    view.assign(0);
                } else if (initialize && TrainedPart.isDown(name)) { // PEFT's kaiming_uniform with a = sqrt(5)
                    double bound = 1 / Math.sqrt(view.size(1));
                    view.assign(Nd4j.rand(view.dataType(), view.shape())
                            .muli(2 * bound)
                            .subi(bound));
                } else if (initialize && view.rank() == 1) {
                    view.assign(name.startsWith(BIAS) ? 0 : 1);
                } else if (initialize) {
                    view.assign(Nd4j.randn(view.dataType(), view.shape()).muli(layer.deviation(name)));
                }
            });
            return views;
        }

        @Override
        public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray flat) {
            return cut(conf, flat);
        }

        private Map<String, INDArray> cut(NeuralNetConfiguration conf, INDArray flat) {
            Map<String, INDArray> views = new LinkedHashMap<>();
            long at = 0;
            for (Map.Entry<String, long[]> e : shapes(conf.getLayer()).entrySet()) {
                long n = length(e.getValue());
                INDArray vector = flat.reshape(flat.length());
                views.put(
                        e.getKey(),
                        vector.get(NDArrayIndex.interval(at, at + n)).reshape('c', e.getValue()));
                at += n;
            }
            return views;
        }

        private Map<String, long[]> shapes(Layer layer) {
            return ((ShapedParameters) layer).parameterShapes();
        }

        private long length(long[] shape) {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    };
}
