package io.github.psft4j.transformer;

import io.github.psft4j.kernel.AttentionShape;
import io.github.psft4j.kernel.Norms.HeadGains;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.WeightAndBias;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One block in a network: {@link BlockForward} and its gradient. */
final class DecoderBlockLayer extends DecoderLayerImpl<DecoderBlock> {

    private static final long serialVersionUID = 1L;

    transient TokenEmbeddingLayer embedding; // null in a graph that is not linked: one sequence per row
    private transient BlockForward.State saved;
    private transient BlockWeights used; // by the saved pass
    private transient Map<String, LowRank> adapters; // by weight; null before the first use
    private transient Map<String, TrainedBias> biases; // by weight; null before the first use
    private transient boolean adaptersOff;
    private transient boolean recompute;
    private transient INDArray logSumExp; // of WholeSequences
    transient AdapterDropout dropout; // of training passes; null: none

    DecoderBlockLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        LayerArrays arrays = arrays(workspaces);
        INDArray out = arrays.output(input.shape()); // [B, T, D]
        boolean keep = training && !recompute;
        boolean norms = keep && BlockForward.State.keepsNorms(layerConf().decoder(), shape().rows());
        forward(training, out, norms, dims -> arrays.saved(keep, dims), arrays::forwardScratch);
        if (!keep) {
            forget();
        }
        return out;
    }

    /**
     * Runs the block and remembers what the gradient needs.
     *
     * @param out null if it is not wanted: the pass then ends before the hidden units
     * @param norms whether the norms are remembered
     * @param arrays for what is remembered
     * @param passing for what the gradient computes again
     */
    private void forward(
            boolean training,
            INDArray out,
            boolean norms,
            BlockForward.Allocator arrays,
            BlockForward.Allocator passing) {
        DecoderConfig c = layerConf().decoder();
        AttentionShape shape = shape();
        used = training && dropout != null
                ? blockWeights()
                        .under(new AdapterDropout.Inputs(
                                dropout, shape.layout(), layerConf().index()))
                : blockWeights();
        INDArray residual = arrays.array(shape.rows(), c.hiddenSize()); // [B*T, D]
        BlockForward.Room room = BlockForward.Room.of(List.of(used));
        saved = BlockForward.State.allocate(c, shape, residual, room, norms, arrays, passing);
        logSumExp = WholeSequences.logSumExp(shape, arrays);
        WholeSequences keysAndValues = wholeSequences(shape, passing);
        BlockForward block = new BlockForward(ops, c);
        if (out == null) {
            block.runToGate(input, used, shape, keysAndValues, saved);
        } else {
            block.run(input, used, shape, keysAndValues, saved, out);
        }
    }

    private WholeSequences wholeSequences(AttentionShape shape, BlockForward.Allocator scratch) {
        DecoderConfig c = layerConf().decoder();
        return new WholeSequences(ops, c.learnedPositions() ? null : c.rotary(shape.layout()), logSumExp, scratch);
    }

    /** Whether the gradient of the activation gives the hidden units again, so that nothing before it needs them. */
    private boolean gradientGivesHidden() {
        return dropout == null;
    }

    private void forget() {
        saved = null;
        used = null;
        logSumExp = null;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        LayerArrays arrays = arrays(workspaces);
        INDArray dx = arrays.inputGradient(input.shape()); // [B, T, D], the gradient of the residual stream
        INDArray dNorm =
                arrays.backwardScratch(shape().rows(), layerConf().decoder().hiddenSize());
        if (saved == null) {
            INDArray out = gradientGivesHidden() ? null : dx;
            forward(true, out, false, arrays::backwardScratch, arrays::backwardScratch);
        } else {
            restore(arrays);
        }
        ops.vectors().copy(epsilon, dx);
        BlockWeights weights = used;
        BlockWeights gradients = BlockWeights.of(gradientTable());
        feedForwardGrad(epsilon, weights, gradients, dx, dNorm, arrays);
        attentionGrad(weights, gradients, dx, dNorm, arrays);
        forget();
        return new Pair<>(gradients(), dx);
    }

    /** Computes again what was cheaper to compute than to keep: the second norm and, if needed, the hidden units. */
    private void restore(LayerArrays arrays) {
        BlockForward block = new BlockForward(ops, layerConf().decoder());
        if (!saved.keepsNorms()) {
            saved = saved.withNorm(arrays.backwardScratch(saved.residual().shape()));
            block.norm2(used, saved);
        }
        if (gradientGivesHidden()) {
            saved = saved.withHidden(null);
        } else {
            int f = layerConf().decoder().intermediateSize();
            saved = saved.withHidden(arrays.backwardScratch(shape().rows(), f));
            block.hidden(saved);
        }
    }

    private void feedForwardGrad(
            INDArray dOut, BlockWeights w, BlockWeights dw, INDArray dx, INDArray dNorm, LayerArrays arrays) {
        BlockForward.FeedForwardState s = saved.feedForward();
        INDArray dHidden =
                arrays.backwardScratch(shape().rows(), layerConf().decoder().intermediateSize()); // [n, F]
        INDArray dGateUp = arrays.backwardScratch(s.gateUp().shape()); // [n, 2F] or [n, F]
        if (gradientGivesHidden()) {
            downGrad(dOut, dw, dHidden, dGateUp, arrays);
        } else {
            linearGrad(DecoderBlock.DOWN, dOut, s.hidden(), dw, dHidden, arrays);
            activationGrad(dHidden, dGateUp);
        }
        linearGrad(DecoderBlock.GATE_UP, dGateUp, s.norm(), dw, dNorm, arrays);
        WeightAndBias dNorm2 = arrays.orScratch(dw.norm2(), w.norm2());
        ops.norms().grad(dNorm, saved.residual(), w.norm2(), s.inverse(), dx, 1, dNorm2);
    }

    /**
     * The gradient of the activation.
     *
     * @param hidden first the gradient of the hidden units, then these, computed again on the way
     */
    private void activationGrad(INDArray hidden, INDArray dGateUp) {
        DecoderConfig c = layerConf().decoder();
        INDArray gateUp = saved.feedForward().gateUp();
        if (c.gatedMlp()) {
            ops.activations().gatedGrad(c.activation(), hidden, gateUp, dGateUp, hidden);
        } else {
            ops.activations().grad(c.activation(), hidden, gateUp, dGateUp, hidden);
        }
    }

    /** The gradient of the activation first, which gives the hidden units again, then those of the down weight. */
    private void downGrad(INDArray dOut, BlockWeights dw, INDArray hidden, INDArray dGateUp, LayerArrays arrays) {
        INDArray w = used.down().weight();
        LowRank adapter = used.adapters().get(DecoderBlock.DOWN);
        INDArray dLow = null;
        if (adapter == null) {
            ops.products().gradInput(dOut, w, hidden, 0);
        } else {
            dLow = adapter.inputGrad(ops, dOut, w, hidden, arrays);
        }
        activationGrad(hidden, dGateUp);
        if (adapter != null) {
            INDArray low = saved.low().get(DecoderBlock.DOWN);
            if (recompute) { // the pass ended before it
                ops.products().linear(hidden, adapter.a(), low, 0);
            }
            adapter.parameterGrad(ops, dOut, hidden, dLow, low, gradientTable(), arrays);
        } else if (dw.down().weight() != null) {
            ops.products().gradWeight(dOut, hidden, dw.down().weight(), 0);
        }
        biasGrad(DecoderBlock.DOWN, dOut, dw, arrays);
    }

    private void attentionGrad(BlockWeights w, BlockWeights dw, INDArray dx, INDArray dNorm, LayerArrays arrays) {
        DecoderConfig c = layerConf().decoder();
        BlockForward.AttentionState s = saved.attention();
        AttentionShape shape = shape();
        INDArray dAttention = arrays.backwardScratch(s.out().shape()); // [n, H d]
        INDArray dQkv = arrays.backwardScratch(s.qkv().shape()); // [n, (H + 2 KV) d]
        linearGrad(DecoderBlock.ATTENTION_OUT, dx, s.out(), dw, dAttention, arrays);
        wholeSequences(shape, arrays::backwardScratch).grad(s.qkv(), shape, s.out(), dAttention, dQkv);
        if (c.qkNorm()) {
            HeadGains gains = dw.headGains().query() != null
                    ? dw.headGains()
                    : new HeadGains(arrays.backwardScratch(c.headDim()), arrays.backwardScratch(c.headDim()));
            ops.norms().headsGrad(dQkv, s.projected(), shape, w.headGains(), s.headInverse(), gains);
        }
        if (!saved.keepsNorms()) {
            new BlockForward(ops, c).norm1(input, w, saved); // the second norm lies there now
        }
        linearGrad(DecoderBlock.QKV, dQkv, s.norm(), dw, dNorm, arrays);
        ops.norms().grad(dNorm, input, w.norm1(), s.inverse(), dx, 1, arrays.orScratch(dw.norm1(), w.norm1()));
    }

    /**
     * Gradients of a linear weight with its adapters: of the input into dIn, of weight, bias and adapters into their
     * views unless they are frozen.
     */
    private void linearGrad(
            String name, INDArray dy, INDArray x, BlockWeights gradients, INDArray dIn, LayerArrays arrays) {
        INDArray w = used.linear(name).weight();
        WeightAndBias dw = gradients.linear(name);
        LowRank adapter = used.adapters().get(name);
        if (adapter != null) {
            adapter.backward(ops, dy, x, w, dIn, saved.low().get(name), gradientTable(), arrays);
        } else if (dw.weight() == null) {
            ops.products().gradInput(dy, w, dIn, 0);
        } else {
            ops.products().grad(dy, x, w, dIn, 0, dw.weight(), 0);
        }
        biasGrad(name, dy, gradients, arrays);
    }

    private void biasGrad(String name, INDArray dy, BlockWeights gradients, LayerArrays arrays) {
        WeightAndBias dw = gradients.linear(name);
        if (dw.bias() != null) {
            ops.vectors().sumRows(dy, dw.bias());
        }
        TrainedBias bias = biases == null ? null : biases.get(name);
        if (bias != null) {
            bias.backward(ops, dy, gradientTable(), arrays);
        }
    }

    /** The weights of this block as they are now, with its adapters unless these are off. */
    BlockWeights blockWeights() {
        TrainedPart trained = layerConf().trained();
        if (trained == null
                || adaptersOff
                || (trained.adapters().isEmpty() && trained.biases().isEmpty())) {
            return BlockWeights.of(weights());
        }
        if (adapters == null) {
            try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                makeAdapters(trained);
            }
        }
        adapters.values().forEach(low -> low.refresh(ops, params));
        if (biases.isEmpty()) {
            return BlockWeights.of(weights(), adapters);
        }
        Map<String, INDArray> table = new LinkedHashMap<>(weights());
        biases.forEach((weight, bias) -> {
            bias.refresh(params);
            table.put(DecoderBlock.biasOf(weight), bias.sum());
        });
        return BlockWeights.of(table, adapters);
    }

    private void makeAdapters(TrainedPart trained) {
        adapters = new LinkedHashMap<>();
        for (int i = 0; i < trained.adapters().size(); i++) {
            String name = trained.adapters().get(i).weight();
            int first = i;
            adapters.computeIfAbsent(name, key -> LowRank.of(trained.of(key), first, weights()));
        }
        biases = new LinkedHashMap<>();
        for (BiasPart part : trained.biases()) {
            INDArray base = weights().get(DecoderBlock.biasOf(part.weight()));
            biases.computeIfAbsent(part.weight(), key -> TrainedBias.of(trained.biasesOf(key), weights(), base));
        }
    }

    /** Makes this block keep its input alone and run again for its gradient, or keep everything again. */
    void setRecompute(boolean on) {
        recompute = on;
    }

    boolean isRecompute() {
        return recompute;
    }

    /** Makes this block compute without its adapters, or with them again. */
    void switchAdapters(boolean on) {
        adaptersOff = !on;
    }

    private AttentionShape shape() {
        SequenceLayout segments =
                embedding == null ? SequenceLayout.whole((int) input.size(0), (int) input.size(1)) : embedding.layout();
        if (segments.batch() != input.size(0) || segments.time() != input.size(1)) {
            throw new IllegalStateException("the embedding read " + segments + " tokens, but block "
                    + layerConf().index() + " got " + input.size(0) + " x " + input.size(1));
        }
        return layerConf().decoder().attention(layerConf().index(), segments);
    }
}
