package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.TokenStatistics;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Log-likelihoods of sequences that begin with the same tokens, such as a question with each of its choices. What they
 * share is read once, with its keys and values, and each sequence goes on from there.
 */
public final class SharedPrefixScores {

    private static final String WORKSPACE = "PSFT4J_SHARED_PREFIX";

    private static final WorkspaceConfiguration MEMORY = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private final ComputationGraph graph;
    private final DecoderConfig config;
    private final int batch;

    /**
     * @param graph a graph of {@link DecoderGraph}
     * @param config its architecture; {@link #fits} says whether it can be scored in this way
     * @param batch sequences at a time, &gt;= 1; a family stays together and may be larger
     */
    public SharedPrefixScores(ComputationGraph graph, DecoderConfig config, int batch) {
        this.graph = graph;
        this.config = config;
        this.batch = batch;
    }

    /** Whether tokens mean the same whatever follows them: with dynamic RoPE scaling they are turned by the length. */
    public static boolean fits(DecoderConfig config) {
        return !CachedForward.followsLength(config);
    }

    /**
     * Sequences that begin with the same tokens.
     *
     * @param sequences token ids of each
     * @param fronts first token of each whose log-prob counts, above 0 and below the sequence's length
     */
    public record Family(List<int[]> sequences, int[] fronts) {

        /** Copies the list. */
        public Family {
            sequences = List.copyOf(sequences);
        }

        /**
         * Tokens that all of them begin with and that count for none, the last one before a token that counts left out.
         */
        public int shared() {
            int[] first = sequences.get(0);
            int shared = Arrays.stream(fronts).min().orElseThrow() - 1;
            for (int[] other : sequences) {
                int differs = Arrays.mismatch(first, other);
                shared = differs < 0 ? shared : Math.min(shared, differs);
            }
            return shared;
        }
    }

    /**
     * Sums of the log-probs of the tokens that count, nats, {@code [sequences]} of each family.
     *
     * @param families with {@link Family#shared} above 0, of sequences that are no longer than the model takes
     * @throws IllegalStateException if a log-prob is not a number
     */
    public List<double[]> logLikelihoods(List<Family> families) {
        List<double[]> out = new ArrayList<>();
        if (families.isEmpty()) {
            return out;
        }
        List<List<Family>> passes = passes(families);
        int slots = passes.stream().mapToInt(SharedPrefixScores::count).max().orElseThrow();
        int prompt = passes.stream()
                .mapToInt(pass -> pass.stream().mapToInt(Family::shared).sum())
                .max()
                .orElseThrow();
        int longest = families.stream()
                .flatMap(family -> family.sequences().stream())
                .mapToInt(ids -> ids.length)
                .max()
                .orElseThrow();
        TensorOps ops = DecoderGraph.ops(graph);
        try (WeightScope weights = ops.products().holdWeights();
                MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE);
                CachedForward forward = new CachedForward(ops, graph, config, slots, longest, prompt, false)) {
            for (List<Family> pass : passes) {
                run(ops, forward, pass, out);
            }
        }
        return out;
    }

    private static int count(List<Family> families) {
        return families.stream().mapToInt(family -> family.sequences().size()).sum();
    }

    /** Neighbours whose sequences and prefixes are few enough to share a pass. */
    private List<List<Family>> passes(List<Family> families) {
        List<List<Family>> passes = new ArrayList<>();
        List<Family> pass = new ArrayList<>();
        int tokens = 0;
        for (Family family : families) {
            tokens += family.shared();
            pass.add(family);
            if (pass.size() > 1 && (count(pass) > batch || tokens > GenerationLane.PROMPT_TOKENS)) {
                pass.remove(pass.size() - 1);
                passes.add(pass);
                pass = new ArrayList<>(List.of(family));
                tokens = family.shared();
            }
        }
        passes.add(pass);
        return passes;
    }

    private void run(TensorOps ops, CachedForward forward, List<Family> families, List<double[]> out) {
        int[] firsts = new int[families.size()]; // slots
        int slot = 0;
        for (int f = 0; f < firsts.length; f++) {
            firsts[f] = slot;
            slot += families.get(f).sequences().size();
        }
        readPrefixes(forward, families, firsts);
        Rest rest = new Rest();
        for (int f = 0; f < firsts.length; f++) {
            Family family = families.get(f);
            int shared = family.shared();
            int[] others = new int[family.sequences().size() - 1];
            for (int i = 0; i < others.length; i++) {
                others[i] = firsts[f] + 1 + i;
            }
            forward.share(firsts[f], others, shared);
            for (int i = 0; i <= others.length; i++) {
                rest.add(family.sequences().get(i), shared, family.fronts()[i], firsts[f] + i);
            }
        }
        double[] logProbs = rest.logProbs(ops, forward);
        int t = 0;
        for (Family family : families) {
            double[] sums = new double[family.fronts().length];
            for (int i = 0; i < sums.length; i++) {
                for (int n = family.sequences().get(i).length - family.fronts()[i]; n > 0; n--) {
                    sums[i] += logProbs[t++];
                }
            }
            out.add(sums);
        }
    }

    private static void readPrefixes(CachedForward forward, List<Family> families, int[] slots) {
        int total = families.stream().mapToInt(Family::shared).sum();
        int[] ids = new int[total];
        int[] sequences = new int[total];
        int row = 0;
        for (int f = 0; f < slots.length; f++) {
            int shared = families.get(f).shared();
            System.arraycopy(families.get(f).sequences().get(0), 0, ids, row, shared);
            Arrays.fill(sequences, row, row + shared, f);
            row += shared;
        }
        forward.prompts(ids, SequenceLayout.of(sequences, 1, total), slots);
    }

    /** What follows the prefixes. */
    private static final class Rest {

        private final List<Integer> ids = new ArrayList<>();
        private final List<Integer> slots = new ArrayList<>();
        private final List<Integer> positions = new ArrayList<>();
        private final List<Integer> wanted = new ArrayList<>(); // rows before tokens that count
        private final List<Integer> targets = new ArrayList<>(); // these tokens

        void add(int[] sequence, int from, int front, int slot) {
            for (int t = from; t < sequence.length - 1; t++) {
                if (t >= front - 1) {
                    wanted.add(ids.size());
                    targets.add(sequence[t + 1]);
                }
                ids.add(sequence[t]);
                slots.add(slot);
                positions.add(t);
            }
        }

        double[] logProbs(TensorOps ops, CachedForward forward) {
            forward.extend(array(ids), array(slots), array(positions), array(wanted));
            int[] expected = array(targets);
            TokenStatistics statistics = TokenStatistics.ofRows(expected.length);
            for (int from = 0; from < expected.length; from += CachedForward.HEAD_ROWS) {
                int to = Math.min(expected.length, from + CachedForward.HEAD_ROWS);
                ops.softmax().forward(forward.logits(from, to), expected, from, statistics);
            }
            if (Arrays.stream(statistics.logProb()).anyMatch(Double::isNaN)) {
                throw new IllegalStateException("a logit is NaN or infinite; the model's weights are damaged");
            }
            return statistics.logProb();
        }

        private static int[] array(List<Integer> values) {
            return values.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
