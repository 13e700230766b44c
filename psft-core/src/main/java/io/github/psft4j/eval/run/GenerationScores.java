package io.github.psft4j.eval.run;

import io.github.psft4j.eval.judge.Judge;
import io.github.psft4j.eval.stats.PassAtK;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the answers to one question count: avg@k, pass@j for powers of two and k, maj@k. */
final class GenerationScores {

    private static final String RIGHT = "equal";

    private GenerationScores() {}

    /** None where the gold answer cannot be read. */
    static Map<String, Double> of(List<Item.Sample> samples, Judge judge) {
        Map<String, Double> out = new LinkedHashMap<>();
        if (samples.stream().anyMatch(s -> "gold_unreadable".equals(s.verdict()))) {
            return out;
        }
        int k = samples.size();
        int right = (int) samples.stream().filter(GenerationScores::right).count();
        out.put("avg@" + k, (double) right / k);
        for (int j = 2; j < k; j *= 2) {
            out.put("pass@" + j, PassAtK.of(k, right, j));
        }
        if (k > 1) {
            out.put("pass@" + k, PassAtK.of(k, right, k));
            out.put("maj@" + k, majority(samples, judge) ? 1.0 : 0.0);
        }
        return out;
    }

    private static boolean right(Item.Sample sample) {
        return RIGHT.equals(sample.verdict());
    }

    /**
     * Whether the answer that most samples gave is right. Samples without an answer do not vote; of answers with
     * equally many votes the one that came first wins.
     */
    private static boolean majority(List<Item.Sample> samples, Judge judge) {
        Map<Item.Sample, Integer> votes = new LinkedHashMap<>();
        for (Item.Sample sample : samples) {
            if (sample.answer() == null || sample.answer().isEmpty()) {
                continue;
            }
            Item.Sample first = votes.keySet().stream()
                    .filter(other -> right(other) == right(sample))
                    .filter(other -> right(sample) || judge.same(other.answer(), sample.answer()))
                    .findFirst()
                    .orElse(sample);
            votes.merge(first, 1, Integer::sum);
        }
        Item.Sample winner = null;
        for (Map.Entry<Item.Sample, Integer> candidate : votes.entrySet()) {
            if (winner == null || candidate.getValue() > votes.get(winner)) {
                winner = candidate.getKey();
            }
        }
        return winner != null && right(winner);
    }
}
