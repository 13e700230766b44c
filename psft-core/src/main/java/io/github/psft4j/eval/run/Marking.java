package io.github.psft4j.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.task.Question;
import java.util.List;
import java.util.Map;

/** How the answers to a question are judged, and what they count. */
interface Marking {

    /**
     * What is right, for the item file.
     *
     * @throws io.github.psft4j.data.rows.DataFormatException naming file and line, if the row does not say it
     */
    JsonNode gold(Question question);

    /** Judges an answer that did not fail; seed is null for a greedy one. */
    Item.Sample mark(Question question, Completion completion, Long seed);

    /** What the answers count, by metric, none of them failed; empty if the question cannot be judged. */
    Map<String, Double> values(List<Item.Sample> samples);

    /** Weights of these values in the mean over questions; null if they are all 1. */
    Map<String, Double> weights(List<Item.Sample> samples);

    /** Name and version of the judge. */
    String version();
}
