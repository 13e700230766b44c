package io.github.psft4j.eval;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.data.batch.LazyList;
import io.github.psft4j.data.batch.MicroBatch;
import io.github.psft4j.data.batch.PackedTokens;
import io.github.psft4j.data.batch.Packing;
import io.github.psft4j.kernel.SequenceLayout;
import io.github.psft4j.loss.Aggregation;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.loss.RowNeeds;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.policy.LocalReports;
import io.github.psft4j.policy.Reporting;
import io.github.psft4j.policy.SliceReports;
import io.github.psft4j.transformer.LogProbPass;
import io.github.psft4j.transformer.config.DecoderConfig;
import io.github.psft4j.transformer.config.RopeScaling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Log-probs and entropies of given sequences under a model, without gradients. */
public final class Scorer {

    private final CausalLm model;
    private final LogProbPass pass;
    private final int batchSize;
    private final int packing;
    private final DecoderConfig config;

    /** @param batchSize sequences per forward pass, each padded to the longest of them */
    public Scorer(CausalLm model, int batchSize) {
        this(model, batchSize, 0);
    }

    /**
     * @param batchSize sequences per forward pass
     * @param packing most tokens of a row that several sequences share, 0 for one sequence per row; it changes what a
     *     pass costs, not what it computes
     */
    public Scorer(CausalLm model, int batchSize, int packing) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be positive, was " + batchSize);
        }
        if (packing < 0) {
            throw new IllegalArgumentException("packing must be 0 (one sequence per row) or above, was " + packing);
        }
        this.packing = packing;
        this.model = model;
        this.config = model.config();
        this.pass = new LogProbPass(model.graph(), model.config());
        this.batchSize = batchSize;
    }

    /** Scores of every token of every sequence, whatever its loss mask says. */
    public List<TokenScores> score(List<Demonstration> sequences) {
        List<TokenScores> out = new ArrayList<>();
        for (List<Demonstration> part : batches(sequences)) {
            int from = out.size();
            List<Demonstration> batch = new ArrayList<>();
            for (Demonstration d : part) {
                batch.add(whole(Demonstration.ofText(d.tokens())));
                out.add(new TokenScores(new float[d.length() - 1], new float[d.length() - 1]));
            }
            PackedTokens rows = run(batch);
            TokenBatch tokens = rows.tokens();
            for (int t = 0; t < tokens.size(); t++) {
                TokenScores scores = out.get(from + rows.demonstration(t));
                if (rows.position(t) == scores.logProbs().length) {
                    continue; // behind the end, see whole
                }
                scores.logProbs()[rows.position(t)] = (float) tokens.logProb(t);
                scores.entropies()[rows.position(t)] = (float) tokens.entropy(t);
            }
        }
        return out;
    }

    /** Sum of the log-probs of the trained tokens of each sequence, nats; the head computes these tokens only. */
    public double[] logLikelihoods(List<Demonstration> sequences) {
        double[] sums = new double[sequences.size()];
        int from = 0;
        for (List<Demonstration> batch : batches(sequences)) {
            PackedTokens rows = run(batch.stream().map(this::whole).toList());
            TokenBatch tokens = rows.tokens();
            for (int t = 0; t < tokens.size(); t++) {
                sums[from + rows.demonstration(t)] += tokens.logProb(t);
            }
            from += batch.size();
        }
        return sums;
    }

    /** Mean NLL, entropy and token count over the trained tokens of all sequences. */
    public LossReport report(List<Demonstration> sequences) {
        return report(sequences, new LocalReports());
    }

    /**
     * The same, computed elsewhere.
     *
     * @param reports compute the passes; what they give is added in the order of the sequences
     */
    public LossReport report(List<Demonstration> sequences, SliceReports reports) {
        List<List<Demonstration>> batches = batches(sequences);
        int[] first = new int[batches.size()]; // number of the first sequence of each
        for (int i = 1; i < first.length; i++) {
            first[i] = first[i - 1] + batches.get(i - 1).size();
        }
        List<MicroBatch> slices = new LazyList<>(batches.size(), i -> {
            List<Demonstration> batch = batches.get(i).stream().map(this::whole).toList();
            return new MicroBatch(
                    IntStream.range(first[i], first[i] + batch.size()).toArray(), batch, layout(batch));
        });
        Reporting how = new Reporting(new SftObjective(), Aggregation.TOKEN_MEAN, null, Map.of());
        return reports.reports(model, how, slices).stream().reduce(LossReport.EMPTY, LossReport::plus);
    }

    /**
     * Probability of the k likeliest tokens together, at every trained token of all sequences in their order: what
     * SED-SFT's threshold is calibrated on.
     *
     * @param k number of likeliest tokens, positive; above the vocabulary every mass is 1
     */
    public double[] topMasses(List<Demonstration> sequences, int k) {
        if (k < 1) {
            throw new IllegalArgumentException("the number of likeliest tokens must be positive, was " + k);
        }
        DoubleStream.Builder masses = DoubleStream.builder();
        for (List<Demonstration> batch : batches(sequences)) {
            TokenBatch tokens = run(batch.stream().map(this::whole).toList(), RowNeeds.topK(k))
                    .tokens();
            byDemonstration(tokens).forEach(t -> masses.add(tokens.top().mass(t, k)));
        }
        return masses.build().toArray();
    }

    /**
     * Neighbours that share a forward pass. Dynamic RoPE scaling turns a whole pass by its longest sequence, so there a
     * sequence beyond the positions of pretraining only shares a pass with others of its length.
     */
    private List<List<Demonstration>> batches(List<Demonstration> sequences) {
        List<List<Demonstration>> batches = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= sequences.size(); i++) {
            if (i == sequences.size()
                    || i - from == batchSize
                    || turnedBy(sequences.get(i)) != turnedBy(sequences.get(from))) {
                batches.add(sequences.subList(from, i));
                from = i;
            }
        }
        return batches;
    }

    /** The length that rotary frequencies follow; 0 where they follow none. */
    private int turnedBy(Demonstration sequence) {
        boolean dynamic = config.ropeScaling().kind() == RopeScaling.Kind.DYNAMIC;
        return dynamic && sequence.length() > config.maxPositions() ? sequence.length() : 0;
    }

    /**
     * A sequence whose last token is an input as well, where it counts for the frequencies. transformers runs all
     * tokens and leaves out the prediction of the last.
     */
    private Demonstration whole(Demonstration sequence) {
        if (turnedBy(sequence) == 0 || packing > 0) {
            return sequence;
        }
        int length = sequence.length();
        int[] tokens = Arrays.copyOf(sequence.tokens(), length + 1);
        return new Demonstration(tokens, Arrays.copyOf(sequence.lossMask(), length + 1));
    }

    /** Packed rows hold sequences in another order than the list's. */
    private static IntStream byDemonstration(TokenBatch tokens) {
        return IntStream.range(0, tokens.size())
                .boxed()
                .sorted(Comparator.comparingInt(tokens::sequence))
                .mapToInt(Integer::intValue);
    }

    private SequenceLayout layout(List<Demonstration> batch) {
        return packing > 0 ? Packing.packed(batch, packing) : Packing.onePerRow(batch);
    }

    private PackedTokens run(List<Demonstration> batch) {
        return run(batch, RowNeeds.NONE);
    }

    private PackedTokens run(List<Demonstration> batch, RowNeeds needs) {
        PackedTokens rows = PackedTokens.of(batch, layout(batch), needs, config.vocabSize());
        pass.run(rows.ids(), rows.layout(), rows.tokens());
        return rows;
    }
}
