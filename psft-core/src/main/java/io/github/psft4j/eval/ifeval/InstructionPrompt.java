package io.github.psft4j.eval.ifeval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The instructions of one prompt of IFEval's data set.
 *
 * <pre>{@code
 * var prompt = InstructionPrompt.of(
 *         List.of("punctuation:no_comma", "length_constraints:number_words"),
 *         List.of(Map.of(), Map.of("relation", "at least", "num_words", 300)));
 * InstructionVerdicts verdicts = prompt.judge(answer);
 * }</pre>
 *
 * @param instructions in the order of the row
 */
public record InstructionPrompt(List<Instruction> instructions) {

    /** Keeps a copy. */
    public InstructionPrompt {
        instructions = List.copyOf(instructions);
    }

    /**
     * @param ids the row's {@code instruction_id_list}
     * @param arguments the row's {@code kwargs}, one element for each id
     * @throws IllegalArgumentException naming what is wrong, if the lists differ in length, an id is unknown, or an
     *     argument is missing or wrong
     */
    public static InstructionPrompt of(List<String> ids, List<? extends Map<String, ?>> arguments) {
        if (ids.isEmpty() || ids.size() != arguments.size()) {
            throw new IllegalArgumentException("instruction_id_list has " + ids.size() + " elements, kwargs has "
                    + arguments.size() + "; there must be one for each instruction, and at least one");
        }
        List<Instruction> instructions = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            instructions.add(Instruction.of(ids.get(i), arguments.get(i)));
        }
        return new InstructionPrompt(instructions);
    }

    /** Judges an answer by every instruction, strictly and loosely. */
    public InstructionVerdicts judge(String answer) {
        return new InstructionVerdicts(
                instructions.stream().map(Instruction::id).toList(),
                instructions.stream().map(i -> i.isFollowed(answer)).toList(),
                instructions.stream().map(i -> i.isFollowedLoosely(answer)).toList());
    }
}
