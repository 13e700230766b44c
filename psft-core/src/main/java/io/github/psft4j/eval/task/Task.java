package io.github.psft4j.eval.task;

import io.github.psft4j.settings.ParameterException;

/**
 * An evaluation task: all that decides which questions a model is asked, in which words, and how answers count.
 *
 * @param task what is evaluated
 * @param prompt how a row becomes a prompt
 * @param generation how answers are written; generate only
 * @param judge how answers are judged; generate only
 * @param choice where the choices are; choice, and letter
 */
public record Task(
        TaskSettings task,
        PromptSettings prompt,
        GenerationSettings generation,
        JudgeSettings judge,
        ChoiceSettings choice) {

    /** @throws ParameterException naming a setting that contradicts another one */
    public Task {
        ParameterException.check(
                task.kind() != TaskKind.PERPLEXITY || prompt.fewShot() == 0,
                "fewShot",
                "must be 0 for perplexity, which reads whole texts",
                prompt.fewShot());
        ParameterException.check(
                task.kind() != TaskKind.PERPLEXITY || prompt.form() != PromptForm.CHAT,
                "form",
                "must be text for perplexity, which reads whole texts",
                prompt.form());
    }

    /** Its name. */
    public String name() {
        return task.name();
    }
}
