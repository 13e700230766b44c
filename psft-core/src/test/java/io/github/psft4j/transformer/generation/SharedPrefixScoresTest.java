package io.github.psft4j.transformer.generation;

import static io.github.psft4j.transformer.generation.SmallDecoders.graph;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.transformer.Architectures;
import io.github.psft4j.transformer.LogProbPass;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.SharedPrefixScores.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read once for several sequences gives each the log-likelihood that it has alone. */
class SharedPrefixScoresTest {

    static Stream<String> architectures() {
        return Architectures.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aSequenceScoresAsItDoesAlone(String name) {
        DecoderConfig config = Architectures.all().get(name);
        assumeTrue(SharedPrefixScores.fits(config), "dynamic RoPE scaling reads every sequence as a whole");
        ComputationGraph graph = graph(config);
        SplittableRandom random = new SplittableRandom(3);
        List<Family> families = new ArrayList<>();
        for (int f = 0; f < 7; f++) {
            int prompt = 2 + f;
            int[] front = random.ints(prompt, 0, config.vocabSize()).toArray();
            List<int[]> sequences = new ArrayList<>();
            int[] fronts = new int[2 + f % 4];
            for (int i = 0; i < fronts.length; i++) {
                int[] ids = Arrays.copyOf(front, prompt + 1 + random.nextInt(8));
                for (int t = prompt; t < ids.length; t++) {
                    ids[t] = random.nextInt(config.vocabSize());
                }
                if (f == 5 && i == 1) {
                    ids[prompt - 2] = (ids[prompt - 2] + 1) % config.vocabSize(); // another tokenization of its end
                }
                sequences.add(ids);
                fronts[i] = prompt;
            }
            families.add(new Family(sequences, fronts));
        }
        List<double[]> sums = new SharedPrefixScores(graph, config, 6).logLikelihoods(families);
        for (int f = 0; f < families.size(); f++) {
            Family family = families.get(f);
            for (int i = 0; i < family.fronts().length; i++) {
                double alone = alone(graph, config, family.sequences().get(i), family.fronts()[i]);
                assertEquals(alone, sums.get(f)[i], 1e-4, "family " + f + ", sequence " + i);
            }
        }
    }

    private static double alone(ComputationGraph graph, DecoderConfig config, int[] ids, int front) {
        int[] rows = IntStream.range(front - 1, ids.length - 1).toArray();
        TokenBatch batch = new TokenBatch(
                Arrays.copyOfRange(ids, front, ids.length), rows, ids.length - 1, new int[rows.length], 1, Map.of());
        new LogProbPass(graph, config).run(Arrays.copyOf(ids, ids.length - 1), 1, batch);
        return IntStream.range(0, rows.length).mapToDouble(batch::logProb).sum();
    }
}
