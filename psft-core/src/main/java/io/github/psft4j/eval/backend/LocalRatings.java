package io.github.psft4j.eval.backend;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.eval.task.EvalPrompt;
import io.github.psft4j.hf.text.Tokenizer;
import io.github.psft4j.io.RefusedException;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.transformer.generation.SharedPrefixScores;
import io.github.psft4j.transformer.generation.SharedPrefixScores.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/** Log-likelihoods by a model in this process. */
final class LocalRatings {

    /** Batches that are sorted by length together, so that little is padding. */
    private static final int SORTED_TOGETHER = 8;

    private final CausalLm model;
    private final int batch;
    private final int longest; // tokens that a pass takes

    LocalRatings(CausalLm model, int batch) {
        this.model = model;
        this.batch = batch;
        this.longest = model.config().longestSequence();
    }

    void rate(
            List<RatingRequest> requests,
            BiFunction<EvalPrompt, String, TokenPair> pairs,
            BiConsumer<Integer, List<LogLikelihood>> done) {
        int from = 0;
        while (from < requests.size()) {
            List<TokenPair> all = new ArrayList<>();
            List<Integer> ends = new ArrayList<>();
            int to = from;
            while (to < requests.size() && all.size() < batch * SORTED_TOGETHER) {
                RatingRequest request = requests.get(to++);
                request.continuations().forEach(text -> all.add(pairs.apply(request.prompt(), text)));
                ends.add(all.size());
            }
            LogLikelihood[] rated = new LogLikelihood[all.size()];
            rateTogether(all, ends, rated);
            rateApart(all, rated);
            int at = 0;
            for (int i = from; i < to; i++) {
                int end = ends.get(i - from);
                done.accept(i, List.of(Arrays.copyOfRange(rated, at, end)));
                at = end;
            }
            from = to;
        }
    }

    /** Rates the continuations of those prompts that can be read once for all of them. */
    private void rateTogether(List<TokenPair> pairs, List<Integer> ends, LogLikelihood[] out) {
        if (!SharedPrefixScores.fits(model.config())) {
            return;
        }
        List<Family> families = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        int from = 0;
        for (int end : ends) {
            List<TokenPair> own = pairs.subList(from, end);
            if (own.size() > 1 && own.stream().allMatch(pair -> fault(pair) == null)) {
                Family family = new Family(
                        own.stream().map(TokenPair::ids).toList(),
                        own.stream().mapToInt(TokenPair::front).toArray());
                if (family.shared() > 0) {
                    families.add(family);
                    starts.add(from);
                }
            }
            from = end;
        }
        List<double[]> sums = new SharedPrefixScores(model.graph(), model.config(), batch).logLikelihoods(families);
        for (int f = 0; f < sums.size(); f++) {
            for (int i = 0; i < sums.get(f).length; i++) {
                int at = starts.get(f) + i;
                out[at] = new LogLikelihood(sums.get(f)[i], pairs.get(at).counted(), null);
            }
        }
    }

    /** Why a pair cannot be rated; null if it can. */
    private LogLikelihood fault(TokenPair pair) {
        if (pair.counted() == 0) {
            return LogLikelihood.failed("the continuation adds no token to the prompt");
        }
        int length = pair.ids().length;
        return length - 1 <= longest
                ? null
                : LogLikelihood.failed(
                        "prompt and continuation have " + length + " tokens, the model takes " + (longest + 1));
    }

    /** Rates what has no rating yet. */
    private void rateApart(List<TokenPair> pairs, LogLikelihood[] out) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < out.length; i++) {
            if (out[i] == null) {
                out[i] = fault(pairs.get(i));
                if (out[i] == null) {
                    order.add(i);
                }
            }
        }
        order.sort(Comparator.comparingInt(i -> pairs.get(i).ids().length));
        List<Demonstration> sequences =
                order.stream().map(i -> sequence(pairs.get(i))).toList();
        double[] sums = new Scorer(model, batch).logLikelihoods(sequences);
        for (int k = 0; k < sums.length; k++) {
            out[order.get(k)] =
                    new LogLikelihood(sums[k], pairs.get(order.get(k)).counted(), null);
        }
    }

    private static Demonstration sequence(TokenPair pair) {
        boolean[] mask = new boolean[pair.ids().length];
        Arrays.fill(mask, pair.front(), mask.length, true);
        return new Demonstration(pair.ids(), mask);
    }

    /**
     * Whole texts, behind the token that begins a sequence. A text that is longer than the model is cut into windows,
     * each token is predicted once, and every window but the first begins with a token of the one before it; the last
     * one has as much in front as fits. This is the rolling log-likelihood of lm-eval.
     */
    void rateTexts(List<String> texts, BiConsumer<Integer, LogLikelihood> done) {
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = model.tokenizer().encode(texts.get(i), false);
            if (ids.length == 0) {
                done.accept(i, LogLikelihood.failed("the text has no token"));
                continue;
            }
            List<TokenPair> windows = windows(behind(model.tokenizer(), ids));
            double sum = 0;
            LogLikelihood[] rated = new LogLikelihood[windows.size()];
            rateApart(windows, rated);
            for (LogLikelihood window : rated) {
                sum += window.sum();
            }
            done.accept(i, new LogLikelihood(sum, ids.length, null));
        }
    }

    private List<TokenPair> windows(int[] ids) {
        List<TokenPair> out = new ArrayList<>();
        for (int predicted = 1; predicted < ids.length; ) {
            int to = Math.min(ids.length, (int) Math.min(Integer.MAX_VALUE, (long) predicted + longest));
            int from = predicted == 1 ? 0 : Math.max(0, to - longest - 1);
            out.add(new TokenPair(Arrays.copyOfRange(ids, from, to), predicted - from));
            predicted = to;
        }
        return out;
    }

    /** Ids behind the token that begins a sequence, or else the one that ends it. */
    static int[] behind(Tokenizer tokenizer, int[] ids) {
        OptionalInt begin = tokenizer.bosTokenId().isPresent() ? tokenizer.bosTokenId() : tokenizer.eosTokenId();
        if (begin.isEmpty()) {
            throw new RefusedException("the tokenizer names no token that begins or ends a sequence (bos_token,"
                    + " eos_token), so the first token of a text cannot be predicted");
        }
        int[] out = new int[ids.length + 1];
        out[0] = begin.getAsInt();
        System.arraycopy(ids, 0, out, 1, ids.length);
        return out;
    }
}
