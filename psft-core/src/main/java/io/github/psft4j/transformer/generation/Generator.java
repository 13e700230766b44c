package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.TensorOps;
import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.kernel.WorkerPool;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Continues prompts of any lengths with a decoder graph and a key/value cache.
 *
 * <p>Sequences are decoded together, each at its own position; where one ends, the next prompt takes its place. Every
 * worker of the pool runs a small model on sequences of its own, without synchronisation. All workers together run each
 * operation of a large model.
 */
public final class Generator {

    /** Most sequences that are open at a time. */
    public static final int MAX_OPEN = 64;

    /** Up to this many parameters an operation is over before the workers have met. */
    private static final long SMALL_MODEL = 2_000_000;

    /** Working arrays live here: it grows to the largest call and is then reused. */
    private static final String WORKSPACE = "PSFT4J_GENERATION";

    private static final WorkspaceConfiguration MEMORY = WorkspaceConfiguration.builder()
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();

    private static final GenerationListener SILENT = (sequence, token, logProb, text) -> true;

    private final ComputationGraph graph;
    private final DecoderConfig config;
    private final Detokenizer detokenizer;
    private volatile long cacheBytes;

    /**
     * @param graph a graph of {@link DecoderGraph}
     * @param config its architecture
     */
    public Generator(ComputationGraph graph, DecoderConfig config) {
        this(graph, config, null);
    }

    /** @param detokenizer for the text of generations, stop strings and listeners; may be null without stop strings */
    public Generator(ComputationGraph graph, DecoderConfig config, Detokenizer detokenizer) {
        this.graph = graph;
        this.config = config;
        this.detokenizer = detokenizer;
    }

    /**
     * Continues every prompt until a stop id or string, maxNewTokens or the model's last position; results are in the
     * order of the prompts.
     *
     * @throws IllegalArgumentException if a prompt is empty, too long or has an id outside the vocabulary, or if there
     *     are stop strings but no tokenizer
     */
    public List<GenerationResult> generate(List<int[]> prompts, GenerationConfig settings) {
        return generate(prompts, settings, SILENT);
    }

    /**
     * Like {@link #generate(List, GenerationConfig)}; the listener sees every token as it comes and may end a sequence.
     */
    public List<GenerationResult> generate(
            List<int[]> prompts, GenerationConfig settings, GenerationListener listener) {
        List<GeneratedSequence> sequences = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            long seed = settings.seed() * 0x9E3779B97F4A7C15L + i;
            sequences.add(sequence(i, i, prompts.get(i), seed, settings));
        }
        return generate(sequences, settings, false, listener);
    }

    /**
     * Draws several samples of every prompt, whose keys and values are computed once. Log-probs and entropies of the
     * results are those of logits / temperature, which is the policy that was sampled where nothing is cut off.
     *
     * @param seeds of each prompt's samples; a sample depends on its prompt and its seed, not on the others
     * @param settings the temperature must be above 0; its seed does not matter
     * @return the samples of the first prompt, then those of the second, and so on
     * @throws IllegalArgumentException as {@link #generate(List, GenerationConfig)}, and at temperature 0
     */
    public List<GenerationResult> sample(List<int[]> prompts, List<long[]> seeds, GenerationConfig settings) {
        if (settings.temperature() == 0) {
            throw new IllegalArgumentException("temperature must be above 0 to draw samples, was 0");
        }
        if (prompts.size() != seeds.size()) {
            throw new IllegalArgumentException(
                    "there are " + prompts.size() + " prompts, and seeds of " + seeds.size());
        }
        List<GeneratedSequence> sequences = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            for (long seed : seeds.get(i)) {
                sequences.add(sequence(sequences.size(), i, prompts.get(i), seed, settings));
            }
        }
        return generate(sequences, settings, true, SILENT);
    }

    /**
     * Bytes that the keys and values of the last generation had taken when it ended. They are 0 before the first, and
     * if keys and values lay in a workspace.
     */
    public long cacheBytes() {
        return cacheBytes;
    }

    private GeneratedSequence sequence(int index, int group, int[] prompt, long seed, GenerationConfig settings) {
        check(prompt, group);
        int limit = (int) Math.min(config.longestSequence(), (long) prompt.length + settings.maxNewTokens());
        return new GeneratedSequence(index, group, prompt, limit, new SplittableRandom(seed), settings);
    }

    private List<GenerationResult> generate(
            List<GeneratedSequence> sequences,
            GenerationConfig settings,
            boolean tempered,
            GenerationListener listener) {
        if (detokenizer == null && !settings.stop().strings().isEmpty()) {
            throw new IllegalArgumentException("stop strings " + settings.stop().strings()
                    + " need a tokenizer, and this model has none; use stop ids");
        }
        PromptLookup.check(settings, config);
        if (!sequences.isEmpty()) {
            try (WeightScope weights = DecoderGraph.ops(graph).products().holdWeights();
                    MemoryWorkspace scope = Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE)) {
                List<GenerationLane> lanes = lanes(sequences, settings, tempered);
                try {
                    run(lanes, settings, listener);
                } finally {
                    cacheBytes =
                            lanes.stream().mapToLong(GenerationLane::cacheBytes).sum();
                    lanes.forEach(GenerationLane::close);
                }
            }
        }
        return sequences.stream().map(GeneratedSequence::result).toList();
    }

    private void check(int[] prompt, int index) {
        if (prompt.length == 0 || prompt.length >= config.longestSequence()) {
            throw new IllegalArgumentException("prompt " + index + " has " + prompt.length
                    + " tokens; it needs at least 1 and fewer than the model's " + config.longestSequence()
                    + " positions");
        }
        config.checkIds(prompt, t -> "at position " + t + " of prompt " + index);
    }

    /**
     * Assigns the sequences to lanes, the longest first, because those that finish late should not start late. A group
     * stays in one lane, unless there are fewer groups than lanes.
     */
    private List<GenerationLane> lanes(List<GeneratedSequence> sequences, GenerationConfig settings, boolean tempered) {
        List<GeneratedSequence> sorted = new ArrayList<>(sequences);
        sorted.sort(Comparator.comparingInt(s -> -s.promptLength));
        TensorOps usual = DecoderGraph.ops(graph);
        // A trainer compares log-probs of samples with its own; with proposals a token is one of few rows or of many.
        TensorOps shared = tempered || settings.lookup() > 0 ? usual.batchInvariant() : usual;
        boolean apart = isSmall(shared, config) && shared.serial() != shared;
        int count = apart ? Math.min(WorkerPool.shared().workers(), sequences.size()) : 1;
        List<List<GeneratedSequence>> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(new ArrayList<>());
        }
        boolean whole = sequences.get(sequences.size() - 1).group + 1 >= count;
        int group = -1;
        for (int j = 0; j < sorted.size(); j++) {
            group += j == 0 || sorted.get(j).group != sorted.get(j - 1).group ? 1 : 0;
            parts.get((whole ? group : j) % count).add(sorted.get(j));
        }
        List<GenerationLane> lanes = new ArrayList<>();
        for (List<GeneratedSequence> own : parts) {
            lanes.add(lane(apart ? shared.serial() : shared, own, Math.max(1, MAX_OPEN / count), settings, tempered));
        }
        return lanes;
    }

    /**
     * Whether an operation is over before the workers have met. In bfloat16 none counts as small: every lane would
     * convert all weights for itself.
     */
    static boolean isSmall(TensorOps ops, DecoderConfig config) {
        return ops.products().precision() == Precision.F32 && config.parameters() <= SMALL_MODEL;
    }

    private GenerationLane lane(
            TensorOps ops,
            List<GeneratedSequence> sequences,
            int mostOpen,
            GenerationConfig settings,
            boolean tempered) {
        int open = Math.min(mostOpen, sequences.size());
        int longest = sequences.stream().mapToInt(s -> s.limit).max().orElse(0);
        int longestPrompt =
                sequences.stream().mapToInt(s -> s.promptLength).max().orElse(0);
        long groups = sequences.stream().mapToInt(s -> s.group).distinct().count();
        long promptTokens = sequences.stream().mapToLong(s -> s.promptLength).sum();
        int pass = (int) Math.max(longestPrompt, Math.min(promptTokens, GenerationLane.PROMPT_TOKENS));
        CachedForward forward = new CachedForward(ops, graph, config, open, longest, pass, groups < sequences.size());
        return new GenerationLane(
                ops, forward, config, sequences, open, tempered ? 1 / settings.temperature() : 1, false);
    }

    private void run(List<GenerationLane> lanes, GenerationConfig settings, GenerationListener listener) {
        boolean textNow = detokenizer != null
                && (listener != SILENT || !settings.stop().strings().isEmpty());
        while (anyBusy(lanes)) {
            if (lanes.size() == 1) {
                lanes.get(0).step();
            } else {
                WorkerPool.shared().run(worker -> {
                    if (worker < lanes.size()) {
                        lanes.get(worker).step();
                    }
                });
            }
            for (GenerationLane lane : lanes) {
                for (GeneratedSequence s : lane.touched) {
                    do {
                        report(s, listener, textNow);
                    } while (s.appendProposed());
                }
            }
        }
    }

    private static boolean anyBusy(List<GenerationLane> lanes) {
        for (GenerationLane lane : lanes) {
            if (lane.busy()) {
                return true;
            }
        }
        return false;
    }

    /** On the caller's thread: the text of a new token, stop strings, and the listener. */
    private void report(GeneratedSequence s, GenerationListener listener, boolean textNow) {
        if (detokenizer != null && (textNow || s.finish != null)) {
            s.addText(detokenizer);
        }
        String part = textNow ? s.text.take(s.finish != null) : null;
        if (!listener.onToken(s.index, s.tokens[s.length - 1], s.lastLogProb(), part) && s.finish == null) {
            s.finish = Finish.CANCELLED;
        }
    }
}
