package io.github.psft4j.data.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.kernel.SequenceLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Packing puts every item into one bin, leaves little room, and says in the batch which token belongs to which item.
 */
class PackingTest {

    @Test
    void everyItemIsInOneBinAndNoneIsOverfull() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            int capacity = 1 + random.nextInt(60);
            int[] lengths = random.ints(random.nextInt(80), 1, capacity + 1).toArray();
            List<int[]> bins = Packing.bestFitDecreasing(lengths, capacity);
            int[] seen = bins.stream().flatMapToInt(Arrays::stream).sorted().toArray();
            assertArrayEquals(IntStream.range(0, lengths.length).toArray(), seen);
            for (int[] bin : bins) {
                assertTrue(used(bin, lengths) <= capacity);
            }
            // no bin fits whole into another: best fit would have put its last item there
            int total = Arrays.stream(lengths).sum();
            assertTrue(bins.size() <= 11.0 / 9 * exactBins(lengths, capacity, total) + 1);
            assertEquals(
                    bins.stream().map(Arrays::toString).toList(),
                    Packing.bestFitDecreasing(lengths.clone(), capacity).stream()
                            .map(Arrays::toString)
                            .toList());
        }
    }

    private static int used(int[] bin, int[] lengths) {
        return Arrays.stream(bin).map(i -> lengths[i]).sum();
    }

    /** Fewest bins possible by count of tokens and by items of more than half a bin, which cannot share one. */
    private static int exactBins(int[] lengths, int capacity, int total) {
        int large = (int) Arrays.stream(lengths).filter(l -> 2 * l > capacity).count();
        return Math.max(large, (total + capacity - 1) / capacity);
    }

    @Test
    void fullestBinWithRoomIsTakenAndTiesGoToTheLowerIndex() {
        List<int[]> bins = Packing.bestFitDecreasing(new int[] {2, 7, 5, 3, 5, 2}, 10);
        assertEquals(
                List.of("[1, 3]", "[2, 4]", "[0, 5]"),
                bins.stream().map(Arrays::toString).toList());
    }

    @Test
    void itemLongerThanARowIsNamed() {
        List<Demonstration> two = List.of(Demonstration.ofText(new int[3]), Demonstration.ofText(new int[9]));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Packing.packed(two, 7));
        assertTrue(e.getMessage().contains("demonstration 1 takes 8 positions"), e.getMessage());
    }

    @Test
    void labelsOfADemonstrationNeverComeFromItsNeighbour() {
        List<Demonstration> three = List.of(
                Demonstration.of(new int[] {1}, new int[] {2, 3}),
                Demonstration.of(new int[] {4, 5}, new int[] {6, 7}),
                Demonstration.of(new int[] {8}, new int[] {9}));
        MultiDataSet batch = PackedTokens.of(three, Packing.packed(three, 4)).arrays(1);
        assertArrayEquals(new float[] {4, 5, 6, 8, 1, 1, 1, 2, 1, 2, 0, 0, 0, 0, -1, -1}, values(batch.getFeatures(0)));
        assertArrayEquals(new float[] {5, 6, 7, 9, 2, 3, 0, 0}, values(batch.getLabels(0)));
        assertArrayEquals(new float[] {0, 1, 1, 1, 1, 1, 0, 0}, values(batch.getLabelsMaskArray(0)));
    }

    @Test
    void packedTokensSayTheSameAsTheirArrays() {
        List<Demonstration> many = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            many.add(Demonstration.of(
                    random.ints(1 + random.nextInt(5), 0, 50).toArray(),
                    random.ints(1 + random.nextInt(9), 0, 50).toArray()));
        }
        SequenceLayout layout = Packing.packed(many, 30);
        PackedTokens tokens = PackedTokens.of(many, layout);
        MultiDataSet batch = tokens.arrays(1);
        float[] labels = values(batch.getLabels(0));
        float[] mask = values(batch.getLabelsMaskArray(0));
        int t = 0;
        for (int row = 0; row < mask.length; row++) {
            if (mask[row] == 1) {
                assertEquals(row, tokens.tokens().rows()[t]);
                assertEquals(labels[row], tokens.tokens().targets()[t]);
                Demonstration d = many.get(tokens.demonstration(t));
                assertEquals(labels[row], d.tokens()[tokens.position(t) + 1]);
                t++;
            }
        }
        assertEquals(t, tokens.tokens().size());
        assertEquals(many.stream().mapToInt(Demonstration::trainedTokens).sum(), t);
    }

    /** A pair shares its own prompt, although prompts of a chat template begin alike. */
    @Test
    void neighboursShareTheirPromptNotItsFirstTokensAlone() {
        List<Demonstration> pairs = new ArrayList<>();
        for (int prompt = 0; prompt < 3; prompt++) {
            for (int answer = 0; answer < 2; answer++) {
                pairs.add(Demonstration.of(new int[] {1, 2, 10 + prompt, 20 + prompt}, new int[] {30 + answer, 40}));
            }
        }
        SequenceLayout layout = Packing.sharing(pairs);
        for (int i = 0; i < pairs.size(); i++) {
            assertEquals(i % 2 == 0 ? 0 : 3, layout.shared(i), "sequence " + i);
        }
    }

    private static float[] values(INDArray x) {
        return x.dup('c').data().asFloat();
    }
}
