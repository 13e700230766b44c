package io.github.psft4j.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.judge.Judge;
import io.github.psft4j.eval.judge.Mark;
import io.github.psft4j.eval.task.Choices;
import io.github.psft4j.eval.task.JudgeKind;
import io.github.psft4j.eval.task.JudgeSettings;
import io.github.psft4j.eval.task.Prompts;
import io.github.psft4j.eval.task.Question;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Answers that are right or wrong beside a gold answer. */
record AnswerMarking(Judge judge, JudgeSettings settings, Prompts prompts) implements Marking {

    @Override
    public JsonNode gold(Question question) {
        return TextNode.valueOf(text(question));
    }

    private String text(Question question) {
        if (settings.by() != JudgeKind.LETTER) {
            return question.text(settings.gold(), "judge.gold");
        }
        Choices choices = prompts.choices(question);
        return choices.labels().get(choices.gold().iterator().next());
    }

    @Override
    public Item.Sample mark(Question question, Completion c, Long seed) {
        Mark mark = judge.judge(text(question), c.text());
        String verdict = mark.verdict().name().toLowerCase(Locale.ROOT);
        return Item.Sample.judged(c, seed, verdict, mark.answer());
    }

    @Override
    public Map<String, Double> values(List<Item.Sample> samples) {
        return GenerationScores.of(samples, judge);
    }

    @Override
    public Map<String, Double> weights(List<Item.Sample> samples) {
        return null;
    }

    @Override
    public String version() {
        return judge.version();
    }
}
