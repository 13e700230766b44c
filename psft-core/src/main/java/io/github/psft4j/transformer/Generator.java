package io.github.psft4j.transformer;

import io.github.psft4j.kernel.WeightScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/** Continues prompts with a decoder graph, batched by prompt length, with a key/value cache. */
public final class Generator {

    /** Most sequences that share one cache. */
    private static final int MAX_BATCH = 64;

    /** Caches and working arrays of a batch live here: it grows to the largest batch and is then reused. */
    private static final String WORKSPACE = "PSFT4J_GENERATION";

    private static final WorkspaceConfiguration MEMORY = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private final ComputationGraph graph;
    private final DecoderConfig config;

    /**
     * @param graph a graph of {@link DecoderGraph}
     * @param config its architecture
     */
    public Generator(ComputationGraph graph, DecoderConfig config) {
        this.graph = graph;
        this.config = config;
    }

    /**
     * Continues every prompt until a stop id, maxNewTokens or the model's last position; results are in the order of the prompts.
     *
     * @throws IllegalArgumentException if a prompt is empty, too long or has an id outside the vocabulary
     */
    public List<Generation> generate(List<int[]> prompts, GenerationConfig settings) {
        Map<Integer, List<Integer>> byLength = new TreeMap<>();
        for (int i = 0; i < prompts.size(); i++) {
            check(prompts.get(i), i);
            byLength.computeIfAbsent(prompts.get(i).length, n -> new ArrayList<>())
                    .add(i);
        }
        Generation[] out = new Generation[prompts.size()];
        for (List<Integer> same : byLength.values()) {
            for (int from = 0; from < same.size(); from += MAX_BATCH) {
                batch(prompts, same.subList(from, Math.min(same.size(), from + MAX_BATCH)), settings, out);
            }
        }
        return List.of(out);
    }

    private void check(int[] prompt, int index) {
        if (prompt.length == 0 || prompt.length >= config.longestSequence()) {
            throw new IllegalArgumentException("prompt " + index + " has " + prompt.length
                    + " tokens; it needs at least 1 and fewer than the model's " + config.longestSequence()
                    + " positions");
        }
        for (int t = 0; t < prompt.length; t++) {
            if (prompt[t] < 0 || prompt[t] >= config.vocabSize()) {
                throw new IllegalArgumentException("token id " + prompt[t] + " at position " + t + " of prompt " + index
                        + " is outside the vocabulary [0, " + config.vocabSize() + ")");
            }
        }
    }

    /** State of one sequence while it grows. */
    private static final class Sequence {
        final int index;
        final int[] tokens;
        final float[] logProbs;
        final float[] entropies;
        final TokenSampler sampler;
        int length;
        boolean done;

        Sequence(int index, int[] prompt, int limit, GenerationConfig settings) {
            this.index = index;
            this.tokens = Arrays.copyOf(prompt, limit);
            this.logProbs = new float[limit - prompt.length];
            this.entropies = new float[limit - prompt.length];
            this.sampler = new TokenSampler(settings, index);
            this.length = prompt.length;
        }
    }

    private void batch(List<int[]> prompts, List<Integer> members, GenerationConfig settings, Generation[] out) {
        int vocabulary = config.vocabSize();
        int promptLength = prompts.get(members.get(0)).length;
        int limit = (int) Math.min(config.longestSequence(), (long) promptLength + settings.maxNewTokens());
        List<Sequence> sequences = new ArrayList<>();
        int[] feed = new int[members.size() * promptLength]; // [B, T]
        for (int b = 0; b < members.size(); b++) {
            int[] prompt = prompts.get(members.get(b));
            sequences.add(new Sequence(members.get(b), prompt, limit, settings));
            System.arraycopy(prompt, 0, feed, b * promptLength, promptLength);
        }
        try (WeightScope weights = DecoderGraph.ops(graph).holdWeights();
                MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE)) {
            CachedForward forward = new CachedForward(graph, config, members.size(), limit);
            int open = members.size();
            while (open > 0) {
                float[] logits = forward.forward(feed).data().asFloat(); // [B, V]
                feed = new int[members.size()];
                for (int b = 0; b < sequences.size(); b++) {
                    Sequence s = sequences.get(b);
                    if (!s.done) {
                        append(
                                s,
                                Arrays.copyOfRange(logits, b * vocabulary, (b + 1) * vocabulary),
                                promptLength,
                                settings);
                        open -= s.done ? 1 : 0;
                    }
                    feed[b] = s.tokens[s.length - 1];
                }
            }
        }
        for (Sequence s : sequences) {
            int added = s.length - promptLength;
            out[s.index] = new Generation(
                    Arrays.copyOf(s.tokens, s.length),
                    promptLength,
                    Arrays.copyOf(s.logProbs, added),
                    Arrays.copyOf(s.entropies, added));
        }
    }

    private static void append(Sequence s, float[] logits, int promptLength, GenerationConfig settings) {
        TokenSampler.Choice choice = s.sampler.choose(logits);
        int at = s.length - promptLength;
        s.logProbs[at] = (float) choice.logProb();
        s.entropies[at] = (float) choice.entropy();
        s.tokens[s.length++] = choice.token();
        s.done = s.length == s.tokens.length || settings.stopIds().contains(choice.token());
    }
}
