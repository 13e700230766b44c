package io.github.psft4j.eval.task;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.util.List;

/** Where the choices of a question are. */
public record ChoiceSettings(
        @Doc("Column with the list of choices, or a column for each choice.") @Value(initial = "choices")
        List<String> choices,

        @Doc("Column with the names of the choices, such as [A, B, C, D].") @Value(otherwise = "letters")
        String labels,

        @Doc("Column of the right choice: its number, its label or letter, its text, or a list with 1 at the right"
                + " ones.")
        @Value(initial = "answer")
        String gold,

        @Doc("Number of the first choice, where the right one is given by number.")
        @Value(initial = "0", range = ">= 0 and <= 1")
        int firstNumber,

        @Doc("What is scored behind the prompt for a choice: {{choice}} is its text, {{letter}} its letter or label."
                + " Without one, a space and the text behind a prompt that is text, the text alone in a conversation.")
        @Value(otherwise = "its text")
        String continuation) {

    /** Refuses null where there is a default, and numbers out of range. */
    public ChoiceSettings {
        Setting.check(ChoiceSettings.class, choices, labels, gold, firstNumber, continuation);
        choices = List.copyOf(choices);
    }
}
