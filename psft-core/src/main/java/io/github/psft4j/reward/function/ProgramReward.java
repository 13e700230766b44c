package io.github.psft4j.reward.function;

import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSettings;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/**
 * A program of yours, in any language, that reads a sample a line and writes a reward a line.
 *
 * <p>It is started once and gets the samples of every batch, as JSON in UTF-8, on its standard input. It answers each
 * with one line on its standard output, in the order of the samples, and flushes it. A program that dies, or writes
 * something else, is named with its last words; the next batch starts it again. {@code docs/rewards.md} has an example.
 *
 * @param command program and arguments, at least the program; no shell takes part
 */
@Doc("A program that reads a sample as a line of JSON and writes its reward as a line.")
public record ProgramReward(
        @Doc("Program and arguments.") @Value List<String> command) implements RewardSettings {

    /** Refuses an empty command. */
    public ProgramReward {
        Setting.check(ProgramReward.class, command);
        command = List.copyOf(command);
        ParameterException.check(
                !command.isEmpty() && !command.get(0).isBlank(), "command", "must name a program", command);
    }

    @Override
    public RewardFunction create() {
        return new RewardProgram(command);
    }
}
