package io.github.psft4j.eval.ifeval;

import java.util.List;

/**
 * Which instructions of a prompt an answer follows, in the order of the prompt.
 *
 * @param ids of the instructions
 * @param strict whether the answer follows them
 * @param loose whether a form of the answer does, see {@link Instruction#isFollowedLoosely}
 */
public record InstructionVerdicts(List<String> ids, List<Boolean> strict, List<Boolean> loose) {

    /** Keeps copies. */
    public InstructionVerdicts {
        ids = List.copyOf(ids);
        strict = List.copyOf(strict);
        loose = List.copyOf(loose);
    }

    /** Whether the answer follows all; its mean is lm-eval's {@code prompt_level_strict_acc}. */
    public boolean allStrict() {
        return !strict.contains(false);
    }

    /** Whether the answer loosely follows all; its mean is lm-eval's {@code prompt_level_loose_acc}. */
    public boolean allLoose() {
        return !loose.contains(false);
    }
}
