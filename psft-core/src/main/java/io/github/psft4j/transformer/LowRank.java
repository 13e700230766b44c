package io.github.psft4j.transformer;

import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.Views;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The adapters of one weight as two products: {@code y += (x aᵀ) bᵀ}. b holds the scaled B of every module in its rows
 * and in the columns of its rank, and zeros elsewhere.
 *
 * @param parts the modules
 * @param a {@code [R, in]}, R the sum of the ranks
 * @param b {@code [out, R]}
 */
public record LowRank(List<AdapterPart> parts, INDArray a, INDArray b) {

    /** Sum of the ranks. */
    int rank() {
        return (int) a.size(0);
    }

    /** The adapters of a weight, b all zeros, from the weights of a layer. */
    static LowRank of(List<AdapterPart> parts, Map<String, INDArray> weights) {
        String name = parts.get(0).weight();
        INDArray a = weights.get(TrainedPart.down(name));
        return new LowRank(parts, a, Nd4j.zeros(a.dataType(), weights.get(name).size(0), a.size(0)));
    }

    /** Copies the parameters B into b. */
    void refresh(Map<String, INDArray> parameters) {
        long column = 0;
        for (int i = 0; i < parts.size(); i++) {
            AdapterPart part = parts.get(i);
            INDArray up = parameters.get(TrainedPart.up(part.weight(), i));
            block(b, part, column).assign(up.mul(part.scaling()));
            column += part.rank();
        }
    }

    /** {@code y += (x aᵀ) bᵀ}; scratch has at least n * R elements. */
    void forward(TensorOps ops, INDArray x, INDArray y, INDArray scratch) {
        INDArray low = low(ops, x, scratch);
        ops.products().linear(low, b, y, 1);
    }

    /**
     * {@code dx += grad}, and the gradients of A and B into their views.
     *
     * @param gradients views by parameter
     */
    void backward(
            TensorOps ops, INDArray dy, INDArray x, INDArray dx, Map<String, INDArray> gradients, LayerArrays arrays) {
        long n = x.length() / a.size(1);
        INDArray low = low(ops, x, arrays.backwardScratch(n, rank()));
        INDArray dLow = arrays.backwardScratch(n, rank());
        INDArray db = arrays.backwardScratch(b.shape());
        ops.products().grad(dy, low, b, dLow, 0, db, 0);
        ops.products()
                .grad(
                        dLow,
                        x,
                        a,
                        dx,
                        1,
                        gradients.get(TrainedPart.down(parts.get(0).weight())),
                        0);
        long column = 0;
        for (int i = 0; i < parts.size(); i++) {
            AdapterPart part = parts.get(i);
            INDArray up = gradients.get(TrainedPart.up(part.weight(), i));
            up.assign(block(db, part, column)).muli(part.scaling());
            column += part.rank();
        }
    }

    /** {@code x aᵀ}, {@code [n, R]}. */
    private INDArray low(TensorOps ops, INDArray x, INDArray scratch) {
        INDArray low = LayerArrays.rows(scratch, 0, x.length() / a.size(1), rank());
        ops.products().linear(x, a, low, 0);
        return low;
    }

    private static INDArray block(INDArray b, AdapterPart part, long column) {
        return Views.narrow(Views.rowRange(b, part.from(), part.to()), 1, column, column + part.rank());
    }
}
