package io.github.psft4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.psft4j.data.batch.Demonstration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The order in which {@code net.fit} sees demonstrations. */
class DemonstrationIteratorTest {

    private static final List<Demonstration> TWENTY = IntStream.range(0, 20)
            .mapToObj(i -> Demonstration.of(new int[] {i}, new int[] {1}))
            .toList();

    private static List<Integer> epoch(DemonstrationIterator data) {
        List<Integer> first = new ArrayList<>();
        while (data.hasNext()) {
            var batch = data.next().getFeatures(0);
            for (int i = 0; i < batch.size(0); i++) {
                first.add(batch.getInt(i, 0));
            }
        }
        data.reset();
        return first;
    }

    @Test
    void orderIsThatOfTheListUnlessItIsShuffledAnewInEveryEpoch() {
        List<Integer> inOrder = IntStream.range(0, 20).boxed().toList();
        DemonstrationIterator plain = new DemonstrationIterator(TWENTY, 8);
        assertEquals(inOrder, epoch(plain));
        assertEquals(inOrder, epoch(plain));
        DemonstrationIterator shuffled = DemonstrationIterator.shuffled(TWENTY, 8, 7);
        List<Integer> first = epoch(shuffled);
        List<Integer> second = epoch(shuffled);
        assertEquals(inOrder, first.stream().sorted().toList());
        assertNotEquals(inOrder, first);
        assertNotEquals(first, second);
        assertEquals(first, epoch(DemonstrationIterator.shuffled(TWENTY, 8, 7)));
    }
}
