package io.github.psft4j.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.data.rows.DataFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes prompts of questions. */
public final class Prompts {

    /** Columns that hold prompts in usual data sets; the first that a row has is taken. */
    private static final List<String> USUAL =
            List.of("prompt", "messages", "question", "problem", "query", "instruction", "input", "text");

    private static final String SYSTEM = "system";

    private final Task task;
    private final boolean chat;
    private final FewShot examples;

    /**
     * @param pool where few-shot examples come from
     * @param chatByDefault what the form {@code auto} means where answers are generated
     */
    public Prompts(Task task, Questions pool, boolean chatByDefault) {
        this.task = task;
        this.chat = task.prompt().form() == PromptForm.AUTO
                ? chatByDefault && task.task().kind() == TaskKind.GENERATE
                : task.prompt().form() == PromptForm.CHAT;
        this.examples = new FewShot(task, pool);
    }

    /** Whether prompts are conversations. */
    public boolean isChat() {
        return chat;
    }

    /** What the model reads before it answers. */
    public EvalPrompt of(Question question) {
        return chat ? EvalPrompt.of(conversation(question)) : EvalPrompt.of(text(question));
    }

    private List<Map<String, String>> conversation(Question question) {
        List<Map<String, String>> own = messages(question);
        List<Map<String, String>> out = new ArrayList<>();
        if (task.prompt().system() != null) {
            out.add(message(SYSTEM, task.prompt().system()));
        } else {
            own.stream().filter(m -> m.get("role").equals(SYSTEM)).forEach(out::add);
        }
        for (Question example : examples.of(question)) {
            messages(example).stream()
                    .filter(m -> !m.get("role").equals(SYSTEM))
                    .forEach(out::add);
            out.add(message("assistant", answer(example).strip()));
        }
        own.stream().filter(m -> !m.get("role").equals(SYSTEM)).forEach(out::add);
        return out;
    }

    private String text(Question question) {
        StringBuilder out = new StringBuilder();
        if (task.prompt().system() != null) {
            out.append(task.prompt().system()).append("\n\n");
        }
        for (Question example : examples.of(question)) {
            out.append(body(example))
                    .append(answer(example))
                    .append(task.prompt().between());
        }
        return out.append(body(question)).toString();
    }

    private String answer(Question example) {
        return filled(task.prompt().answer(), example, "prompt.answer");
    }

    /** The question itself as text; messages of a row one paragraph each. */
    private String body(Question question) {
        return messages(question).stream().map(m -> m.get("content")).collect(Collectors.joining("\n\n"));
    }

    private List<Map<String, String>> messages(Question question) {
        if (task.prompt().template() != null) {
            return List.of(message("user", filled(task.prompt().template(), question, "prompt.template")));
        }
        JsonNode value = USUAL.stream()
                .map(name -> ColumnPath.find(question.row().fields(), name))
                .filter(found -> found != null)
                .findFirst()
                .orElseGet(() -> question.column(USUAL.get(0), "prompt.template (none is set)"));
        if (!value.isArray()) {
            return List.of(message("user", ColumnPath.text(value)));
        }
        List<Map<String, String>> out = new ArrayList<>();
        for (JsonNode each : value) {
            if (!each.path("role").isTextual() || !each.path("content").isTextual()) {
                throw new DataFormatException(question.row().location()
                        + ": the prompt is a list, but not one of messages {\"role\": TEXT, \"content\": TEXT}; set"
                        + " prompt.template");
            }
            out.add(message(each.get("role").textValue(), each.get("content").textValue()));
        }
        return out;
    }

    private String filled(String template, Question question, String setting) {
        return PromptText.fill(
                template,
                name -> name.equals("choices") && !isColumn(question, name)
                        ? choices(question).lines()
                        : question.text(name, setting));
    }

    /** A column of choices is a list, which no prompt wants as it is. */
    private static boolean isColumn(Question question, String name) {
        JsonNode value = ColumnPath.find(question.row().fields(), name);
        return value != null && value.isTextual();
    }

    /** The choices of a question, with those that are right. */
    public Choices choices(Question question) {
        boolean judged = task.task().kind() == TaskKind.GENERATE;
        return judged
                ? Choices.of(question, task.choice(), task.judge().gold(), "judge.gold")
                : Choices.of(question, task.choice(), task.choice().gold(), "choice.gold");
    }

    /** What is scored behind the prompt, for each choice. */
    public List<String> continuations(Choices choices) {
        String form = task.choice().continuation();
        List<String> out = new ArrayList<>();
        for (int i = 0; i < choices.texts().size(); i++) {
            String text = choices.texts().get(i);
            String letter = choices.labels().get(i);
            out.add(
                    form == null
                            ? (chat ? "" : " ") + text
                            : PromptText.fill(form, name -> continuation(name, text, letter)));
        }
        return out;
    }

    private static String continuation(String name, String text, String letter) {
        return switch (name) {
            case "choice" -> text;
            case "letter" -> letter;
            default ->
                throw new DataFormatException(
                        "choice.continuation has {{" + name + "}}; it takes {{choice}} and {{letter}}");
        };
    }

    private static Map<String, String> message(String role, String content) {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("role", role);
        out.put("content", content);
        return out;
    }
}
