package io.github.psft4j.transformer;

import io.github.psft4j.kernel.LowRankSide;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import io.github.psft4j.transformer.config.AdapterPart;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The adapters of one weight as two products: {@code y += (x aᵀ) bᵀ}. b holds the scaled B of every module in its rows
 * and in the columns of its rank, and zeros elsewhere.
 *
 * @param parts the modules
 * @param first number of the first one among those of the block
 * @param a {@code [R, in]}, R the sum of the ranks
 * @param b {@code [out, R]}
 * @param dropped what the modules see in place of x; null without dropout
 */
public record LowRank(List<AdapterPart> parts, int first, INDArray a, INDArray b, AdapterDropout.Inputs dropped) {

    /** A module and its columns of b, which are rows of a. */
    private interface PartUse {
        void run(int part, long from, long to);
    }

    /** Sum of the ranks. */
    int rank() {
        return (int) a.size(0);
    }

    /** Numbers of a row of scratch memory that a forward pass needs. */
    int scratch() {
        return dropped == null ? 0 : rank() + (int) a.size(1);
    }

    /**
     * The adapters of a weight, b all zeros, from the weights of a layer.
     *
     * @param first number of the first one among those of the block
     */
    static LowRank of(List<AdapterPart> parts, int first, Map<String, INDArray> weights) {
        String name = parts.get(0).weight();
        INDArray a = weights.get(TrainedPart.down(name));
        INDArray b = Nd4j.zeros(a.dataType(), weights.get(name).size(0), a.size(0));
        return new LowRank(parts, first, a, b, null);
    }

    /** The same under dropout; null for none. */
    LowRank with(AdapterDropout.Inputs inputs) {
        return new LowRank(parts, first, a, b, inputs);
    }

    /** Copies the parameters B into b. */
    void refresh(TensorOps ops, Map<String, INDArray> parameters) {
        eachPart((i, from, to) -> {
            AdapterPart part = parts.get(i);
            INDArray up = parameters.get(TrainedPart.up(part.weight(), i));
            ops.vectors().putColumns(up, part.scaling(), rows(b, i), from);
        });
    }

    /**
     * {@code y = x wᵀ + beta y + (x aᵀ) bᵀ}.
     *
     * @param w the frozen weight {@code [out, in]}
     * @param low {@code [n, R]}, which the gradient needs
     * @param scratch at least n times {@link #scratch} elements, null for none
     */
    void forward(TensorOps ops, INDArray x, INDArray w, INDArray y, double beta, INDArray low, INDArray scratch) {
        INDArray own = low.size(1) == rank() ? low : Views.span(low, 0, low.size(0), rank()); // others have more
        if (dropped == null) {
            ops.products().linear(x, w, new LowRankSide(a, b, own), y, beta);
            return;
        }
        long n = low.size(0);
        ops.products().linear(x, w, y, beta);
        low(ops, x, own, Views.span(scratch, 0, n, rank()), Views.span(scratch, n * rank(), n, a.size(1)));
        ops.products().linear(own, b, y, 1);
    }

    /**
     * {@code dx = dy w + dLow a}, and the gradients of A and B into their views.
     *
     * @param low as the forward pass left it
     * @param gradients views by parameter
     */
    void backward(
            TensorOps ops,
            INDArray dy,
            INDArray x,
            INDArray w,
            INDArray dx,
            INDArray low,
            Map<String, INDArray> gradients,
            LayerArrays arrays) {
        long n = low.size(0);
        INDArray dLow = arrays.backwardScratch(n, rank());
        INDArray db = arrays.backwardScratch(b.shape());
        INDArray da = gradients.get(TrainedPart.down(parts.get(0).weight()));
        if (dropped == null) {
            ops.products().grad(dy, x, w, new LowRankSide(a, b, low), dx, new LowRankSide(da, db, dLow));
        } else {
            ops.products().gradInput(dy, w, dx, 0);
            ops.products().grad(dy, low, b, dLow, 0, db, 0);
            droppedGrad(ops, x, dLow, dx, da, arrays);
        }
        split(ops, db, gradients);
    }

    /**
     * The first half of {@link #backward} without dropout, which needs no x: {@code dx = dy w + dLow a}.
     *
     * @return {@code dLow = dy b}
     */
    INDArray inputGrad(TensorOps ops, INDArray dy, INDArray w, INDArray dx, LayerArrays arrays) {
        INDArray dLow = arrays.backwardScratch(dy.length() / b.size(0), rank());
        ops.products().gradInput(dy, w, dx, 0);
        ops.products().gradInput(dy, b, dLow, 0);
        ops.products().gradInput(dLow, a, dx, 1);
        return dLow;
    }

    /** The other half: the gradients of A and B. */
    void parameterGrad(
            TensorOps ops,
            INDArray dy,
            INDArray x,
            INDArray dLow,
            INDArray low,
            Map<String, INDArray> gradients,
            LayerArrays arrays) {
        INDArray db = arrays.backwardScratch(b.shape());
        ops.products().gradWeight(dy, low, db, 0);
        ops.products()
                .gradWeight(dLow, x, gradients.get(TrainedPart.down(parts.get(0).weight())), 0);
        split(ops, db, gradients);
    }

    /** {@code low = (m x) aᵀ}, every module with its own m. */
    private void low(TensorOps ops, INDArray x, INDArray low, INDArray scratch, INDArray seen) {
        long n = low.size(0);
        eachPart((i, from, to) -> {
            INDArray part = LayerArrays.rows(scratch, 0, n, to - from);
            dropped.apply(ops, first + i, x, seen);
            ops.products().linear(seen, Views.rowRange(a, from, to), part, 0);
            Views.narrow(low, 1, from, to).assign(part);
        });
    }

    /** {@code dx += m (dLow a)} and {@code da = dLowᵀ (m x)}, every module with its own m. */
    private void droppedGrad(TensorOps ops, INDArray x, INDArray dLow, INDArray dx, INDArray da, LayerArrays arrays) {
        long n = dLow.size(0);
        INDArray scratch = arrays.backwardScratch(n, rank());
        INDArray seen = arrays.backwardScratch(n, a.size(1)); // m x
        INDArray dSeen = arrays.backwardScratch(n, a.size(1));
        eachPart((i, from, to) -> {
            INDArray part = LayerArrays.rows(scratch, 0, n, to - from);
            part.assign(Views.narrow(dLow, 1, from, to));
            dropped.apply(ops, first + i, x, seen);
            ops.products().grad(part, seen, Views.rowRange(a, from, to), dSeen, 0, Views.rowRange(da, from, to), 0);
            dropped.apply(ops, first + i, dSeen, dSeen);
            ops.vectors().add(dSeen, dx);
        });
    }

    /** The gradient of b to those of the modules' B. */
    private void split(TensorOps ops, INDArray db, Map<String, INDArray> gradients) {
        eachPart((i, from, to) -> {
            AdapterPart part = parts.get(i);
            INDArray up = gradients.get(TrainedPart.up(part.weight(), i));
            ops.vectors().takeColumns(rows(db, i), from, part.scaling(), up);
        });
    }

    private void eachPart(PartUse use) {
        long column = 0;
        for (int i = 0; i < parts.size(); i++) {
            use.run(i, column, column + parts.get(i).rank());
            column += parts.get(i).rank();
        }
    }

    /** Rows of a module in b or its gradient. */
    private INDArray rows(INDArray array, int i) {
        return Views.rowRange(array, parts.get(i).from(), parts.get(i).to());
    }
}
