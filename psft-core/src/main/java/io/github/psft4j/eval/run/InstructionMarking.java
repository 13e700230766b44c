package io.github.psft4j.eval.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.data.rows.DataFormatException;
import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.ifeval.InstructionPrompt;
import io.github.psft4j.eval.ifeval.InstructionVerdicts;
import io.github.psft4j.eval.task.Question;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers that follow the instructions of IFEval or do not. Figures have the names of lm-eval: whole prompts and single
 * instructions, strictly and loosely.
 */
final class InstructionMarking implements Marking {

    private static final String IDS = "instruction_id_list";
    private static final String ARGUMENTS = "kwargs";
    private static final String STRICT = "strict";
    private static final String LOOSE = "loose";

    @Override
    public JsonNode gold(Question question) {
        prompt(question);
        ObjectNode gold = ItemFile.JSON.createObjectNode();
        gold.set(IDS, question.column(IDS, "judge.by: ifeval"));
        gold.set(ARGUMENTS, question.column(ARGUMENTS, "judge.by: ifeval"));
        return gold;
    }

    private static InstructionPrompt prompt(Question question) {
        try {
            List<String> ids =
                    ItemFile.JSON.convertValue(question.column(IDS, "judge.by: ifeval"), new TypeReference<>() {});
            List<Map<String, Object>> arguments = ItemFile.JSON.convertValue(
                    question.column(ARGUMENTS, "judge.by: ifeval"), new TypeReference<>() {});
            return InstructionPrompt.of(ids, arguments);
        } catch (IllegalArgumentException e) {
            throw new DataFormatException(
                    question.row().location() + ": the instructions cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Item.Sample mark(Question question, Completion c, Long seed) {
        InstructionVerdicts verdicts = prompt(question).judge(c.text());
        Map<String, List<Boolean>> followed = new LinkedHashMap<>();
        followed.put(STRICT, verdicts.strict());
        followed.put(LOOSE, verdicts.loose());
        return Item.Sample.followed(c, seed, verdicts.allStrict() ? "equal" : "different", followed);
    }

    @Override
    public Map<String, Double> values(List<Item.Sample> samples) {
        Map<String, Double> out = new LinkedHashMap<>();
        for (String way : List.of(STRICT, LOOSE)) {
            out.put("prompt_level_" + way + "_acc", mean(samples, way, true));
            out.put("inst_level_" + way + "_acc", mean(samples, way, false));
        }
        return out;
    }

    private static double mean(List<Item.Sample> samples, String way, boolean all) {
        double sum = 0;
        for (Item.Sample sample : samples) {
            List<Boolean> followed = sample.followed().get(way);
            double share = (double) followed.stream().filter(f -> f).count() / followed.size();
            sum += all && share < 1 ? 0 : share;
        }
        return sum / samples.size();
    }

    @Override
    public Map<String, Double> weights(List<Item.Sample> samples) {
        double instructions = samples.get(0).followed().get(STRICT).size();
        return Map.of("inst_level_strict_acc", instructions, "inst_level_loose_acc", instructions);
    }

    @Override
    public String version() {
        return "ifeval";
    }
}
