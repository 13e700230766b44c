package io.github.psft4j.rollout.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.psft4j.io.JsonFault;
import io.github.psft4j.rollout.Finish;
import io.github.psft4j.rollout.Rollout;
import io.github.psft4j.rollout.RolloutBatch;
import io.github.psft4j.rollout.RolloutGroup;
import io.github.psft4j.train.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a checkpoint keeps of a source of rollouts. The seeds of samples need no state: they are a function of the
 * position.
 *
 * @param at where the run stands
 * @param average moving average of rewards before the rollout below; null before the first
 * @param measures of the rollout below
 * @param groups the rollout that is not trained to its end, empty between two
 */
record RolloutState(Position at, Double average, Map<String, Double> measures, List<Group> groups) {

    /**
     * Where a run stands.
     *
     * @param prompts drawn so far
     * @param macroSteps rollouts so far
     * @param epoch of the last rollout, from 1
     */
    record Position(long prompts, int macroSteps, int epoch) {}

    /** @param rewards null where none applied */
    record Group(int prompt, int[] ids, List<Sample> samples, List<Double> rewards) {}

    record Sample(int[] completion, Finish finish, double[] logProbs) {}

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /** @param batch null between two rollouts */
    static RolloutState of(Position at, double average, Map<String, Double> measures, RolloutBatch batch) {
        List<Group> groups = batch == null
                ? List.of()
                : batch.groups().stream().map(RolloutState::group).toList();
        return new RolloutState(at, Double.isNaN(average) ? null : average, measures, groups);
    }

    private static Group group(RolloutGroup group) {
        List<Sample> samples = group.rollouts().stream()
                .map(r -> new Sample(r.completion(), r.finish(), r.samplerLogProbs()))
                .toList();
        List<Double> rewards = Arrays.stream(group.rewards())
                .mapToObj(r -> Double.isNaN(r) ? null : r)
                .collect(Collectors.toCollection(ArrayList::new));
        return new Group(group.prompt(), group.rollouts().get(0).prompt(), samples, rewards);
    }

    /** The rollout; null between two. */
    RolloutBatch batch(List<Prompt> prompts) {
        if (groups.isEmpty()) {
            return null;
        }
        return new RolloutBatch(groups.stream()
                .map(g -> new RolloutGroup(
                        g.prompt(),
                        prompts.get(g.prompt()).columns(),
                        g.samples().stream()
                                .map(s -> new Rollout(g.ids(), s.completion(), s.finish(), s.logProbs()))
                                .toList(),
                        g.rewards().stream()
                                .mapToDouble(r -> r == null ? Double.NaN : r)
                                .toArray()))
                .toList());
    }

    String text() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the state is plain values", e);
        }
    }

    static RolloutState read(String text) {
        if (text == null) {
            throw new CheckpointException("the checkpoint holds no rollouts: it was written by a run on demonstrations"
                    + " or pairs; resume that run, or start a new one from the model in the checkpoint");
        }
        try {
            return JSON.readValue(text, RolloutState.class);
        } catch (JsonProcessingException e) {
            throw new CheckpointException("the rollouts of the checkpoint are damaged: " + JsonFault.reason(e), e);
        }
    }
}
