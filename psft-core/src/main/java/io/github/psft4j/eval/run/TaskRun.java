package io.github.psft4j.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.eval.backend.Backend;
import io.github.psft4j.eval.backend.Completion;
import io.github.psft4j.eval.backend.CompletionRequest;
import io.github.psft4j.eval.backend.LogLikelihood;
import io.github.psft4j.eval.backend.RatingRequest;
import io.github.psft4j.eval.judge.Judge;
import io.github.psft4j.eval.task.Choices;
import io.github.psft4j.eval.task.EvalPrompt;
import io.github.psft4j.eval.task.JudgeKind;
import io.github.psft4j.eval.task.LoadedTask;
import io.github.psft4j.eval.task.Prompts;
import io.github.psft4j.eval.task.Question;
import io.github.psft4j.eval.task.Questions;
import io.github.psft4j.eval.task.Task;
import io.github.psft4j.eval.task.TaskKind;
import io.github.psft4j.transformer.generation.SampleSeeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One task on one backend. */
public final class TaskRun {

    private final Task task;
    private final Questions questions;
    private final Backend backend;
    private final Prompts prompts;
    private final Marking marking;
    private final Map<String, String> told;

    /** @param more to be told with the figures, such as a version; see {@link Told} */
    public TaskRun(LoadedTask loaded, Backend backend, Map<String, String> more) {
        this.task = loaded.task();
        this.questions = loaded.questions();
        this.backend = backend;
        this.prompts = new Prompts(task, loaded.pool(), backend.chats());
        this.marking = task.judge().by() == JudgeKind.IFEVAL
                ? new InstructionMarking()
                : new AnswerMarking(Judge.of(task.judge()), task.judge(), prompts);
        this.told = Told.of(loaded, prompts.isChat(), marking, backend);
        told.putAll(more);
    }

    /**
     * Runs it.
     *
     * @param dir where items and result are written; an evaluation that was broken off there goes on
     * @param overwrite whether an evaluation with other settings is replaced
     * @throws io.github.psft4j.io.RefusedException if another evaluation is there
     * @throws io.github.psft4j.data.rows.DataFormatException if a row is not what the task says
     */
    public TaskResult run(Path dir, boolean overwrite, TaskListener listener) {
        long start = System.nanoTime();
        requireRows();
        try (ItemFile file = ItemFile.open(dir, told, overwrite)) {
            List<Question> open =
                    questions.all().stream().filter(q -> !file.has(q.number())).toList();
            listener.onStart(
                    task.name(), questions.all().size(), questions.all().size() - open.size());
            ask(open, item -> {
                file.add(item);
                listener.onItem(item);
            });
            file.finish();
            List<Item> items = file.items();
            double seconds = (System.nanoTime() - start) / 1e9;
            TaskResult result = new TaskResult(task.name(), Metrics.of(items), Metrics.counts(items), told, seconds);
            result.write(dir);
            listener.onEnd(result);
            return result;
        }
    }

    /** Faults of rows are found before the first answer is written. */
    private void requireRows() {
        for (Question question : questions.all()) {
            prompts.of(question);
            if (task.task().kind() == TaskKind.GENERATE) {
                marking.gold(question);
            } else if (task.task().kind() == TaskKind.CHOICE) {
                prompts.choices(question);
            }
        }
    }

    private void ask(List<Question> open, Consumer<Item> done) {
        switch (task.task().kind()) {
            case GENERATE -> generate(open, done);
            case CHOICE -> choose(open, done);
            case PERPLEXITY -> read(open, done);
            default -> throw new IllegalStateException(task.task().kind() + " is not known");
        }
    }

    private void generate(List<Question> open, Consumer<Item> done) {
        List<CompletionRequest> requests = new ArrayList<>();
        for (Question question : open) {
            requests.add(new CompletionRequest(question.number(), prompts.of(question), seeds(question)));
        }
        boolean greedy = task.generation().temperature() == 0;
        backend.complete(requests, task.generation(), (i, completions) -> {
            List<Item.Sample> samples = new ArrayList<>();
            for (int s = 0; s < completions.size(); s++) {
                Completion completion = completions.get(s);
                Long seed = greedy ? null : requests.get(i).seeds()[s];
                samples.add(
                        completion.error() != null
                                ? Item.Sample.failed(completion, seed)
                                : marking.mark(open.get(i), completion, seed));
            }
            done.accept(Item.generated(open.get(i), json(requests.get(i).prompt()), samples, marking));
        });
    }

    /** From 0 to 2^31 - 1, which every endpoint takes. */
    private long[] seeds(Question question) {
        long[] seeds = SampleSeeds.of(
                task.task().seed(), 0, question.number(), task.generation().samples());
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] >>>= 33;
        }
        return seeds;
    }

    private void choose(List<Question> open, Consumer<Item> done) {
        List<RatingRequest> requests = new ArrayList<>();
        List<Choices> all = new ArrayList<>();
        for (Question question : open) {
            Choices choices = prompts.choices(question);
            all.add(choices);
            requests.add(new RatingRequest(prompts.of(question), prompts.continuations(choices)));
        }
        backend.rate(requests, (i, ratings) -> {
            Question question = open.get(i);
            List<Item.Choice> choices = new ArrayList<>();
            for (int c = 0; c < ratings.size(); c++) {
                LogLikelihood rating = ratings.get(c);
                boolean failed = rating.error() != null;
                choices.add(new Item.Choice(
                        all.get(i).texts().get(c), failed ? null : rating.sum(), rating.tokens(), rating.error()));
            }
            done.accept(Item.chosen(
                    question,
                    json(requests.get(i).prompt()),
                    ItemFile.JSON.valueToTree(
                            all.get(i).gold().stream().sorted().toList()),
                    choices,
                    ChoiceScores.of(
                            requests.get(i).continuations(), ratings, all.get(i).gold())));
        });
    }

    private void read(List<Question> open, Consumer<Item> done) {
        List<String> texts = open.stream().map(q -> prompts.of(q).text()).toList();
        backend.rateTexts(texts, (i, rating) -> {
            Question question = open.get(i);
            String text = texts.get(i);
            boolean failed = rating.error() != null;
            Item.Text rated = new Item.Text(
                    failed ? null : rating.sum(),
                    rating.tokens(),
                    PerplexityScores.words(text),
                    PerplexityScores.bytes(text),
                    rating.error());
            done.accept(Item.rated(
                    question,
                    ItemFile.JSON.valueToTree(text),
                    rated,
                    PerplexityScores.values(rated),
                    PerplexityScores.weights(rated)));
        });
    }

    private static JsonNode json(EvalPrompt prompt) {
        return ItemFile.JSON.valueToTree(prompt.value());
    }
}
