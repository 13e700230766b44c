package io.github.psft4j.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.monitor.files.WholeFile;
import io.github.psft4j.monitor.files.WriteFailure;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.TrainingPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts which tokens the clip stops: those whose probability grew past {@code 1 + epsHigh} times the old one before it
 * was their turn. The paper finds words of deliberation among them ("wait", "alternatively"; arXiv 2508.17784, Fig. 7).
 *
 * <p>When the run ends, in any way, the file lists the clipped tokens, most often clipped first. Each has its number of
 * clipped and of all trained occurrences, and the mean and highest ratio of the clipped ones. It also has the contexts
 * of the highest ratios, all different. A context is the text before the token. After a resume counting starts again
 * from zero; {@code after_step} is the step after which it started.
 */
public final class ClippedTokens implements TokenListener {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Contexts kept per token. */
    private static final int CONTEXTS = 3;

    /** Tokens of a context. */
    private static final int CONTEXT_LENGTH = 12;

    private final Path file;
    private final Tokenizer tokenizer;
    private final Map<Integer, Clipped> clipped = new HashMap<>();
    private long[] trained = new long[0]; // [highest token id so far + 1]
    private boolean started;
    private int resumedStep;

    /** The tokens before a clipped one. */
    private record Context(double ratio, int[] before) {}

    /** A token that was clipped at least once. */
    private static final class Clipped {
        final int id;
        final List<Context> contexts = new ArrayList<>(); // highest ratio first
        long count;
        double ratioSum;

        Clipped(int id) {
            this.id = id;
        }

        void add(double ratio, int[] tokens, int position) {
            count++;
            ratioSum += ratio;
            if (contexts.size() == CONTEXTS && ratio <= contexts.get(CONTEXTS - 1).ratio) {
                return;
            }
            int[] before = Arrays.copyOfRange(tokens, Math.max(0, position - CONTEXT_LENGTH), position);
            contexts.removeIf(context -> context.ratio < ratio && Arrays.equals(context.before, before));
            if (contexts.stream().noneMatch(context -> Arrays.equals(context.before, before))) {
                contexts.add(new Context(ratio, before));
                contexts.sort(Comparator.comparingDouble(context -> -context.ratio));
                contexts.subList(Math.min(CONTEXTS, contexts.size()), contexts.size())
                        .clear();
            }
        }
    }

    /**
     * @param file written when the run ends; its directory is created
     * @param tokenizer to write tokens as text; null to write ids only
     */
    public ClippedTokens(Path file, Tokenizer tokenizer) {
        this.file = file;
        this.tokenizer = tokenizer;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        started = true;
        resumedStep = plan.resumedStep();
        WriteFailure.prepareDirectoryOf("the report of clipped tokens", file);
    }

    @Override
    public void onTokens(TrainedTokens tokens) {
        for (int t = 0; t < tokens.size(); t++) {
            int id = tokens.id(t);
            if (id >= trained.length) {
                trained = Arrays.copyOf(trained, Math.max(id + 1, 2 * trained.length));
            }
            trained[id]++;
            if (tokens.clipped(t)) {
                clipped.computeIfAbsent(id, Clipped::new)
                        .add(tokens.ratio(t), tokens.demonstration(t).tokens(), tokens.position(t));
            }
        }
    }

    @Override
    public void close() {
        if (!started) {
            return;
        }
        WholeFile.write("the report of clipped tokens", file, report().toPrettyString() + "\n");
    }

    private ObjectNode report() {
        List<Clipped> byCount = new ArrayList<>(clipped.values());
        byCount.sort(Comparator.<Clipped>comparingLong(entry -> -entry.count).thenComparingInt(entry -> entry.id));
        ObjectNode report = JSON.createObjectNode();
        report.put("after_step", resumedStep);
        report.put("trained", Arrays.stream(trained).sum());
        report.put("clipped", byCount.stream().mapToLong(entry -> entry.count).sum());
        ArrayNode tokens = report.putArray("tokens");
        for (Clipped entry : byCount) {
            ObjectNode token = tokens.addObject();
            token.put("id", entry.id);
            token.put("text", text(entry.id));
            token.put("clipped", entry.count);
            token.put("trained", trained[entry.id]);
            token.put("mean_ratio", entry.ratioSum / entry.count);
            token.put("max_ratio", entry.contexts.get(0).ratio);
            ArrayNode contexts = token.putArray("contexts");
            for (Context context : entry.contexts) {
                contexts.addObject().put("ratio", context.ratio).put("before", text(context.before));
            }
        }
        return report;
    }

    private String text(int... ids) {
        return tokenizer == null ? Arrays.toString(ids) : tokenizer.decode(ids, false);
    }
}
