package io.github.psft4j.monitor.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.psft4j.eval.run.Item;
import io.github.psft4j.eval.run.TaskComparison;
import io.github.psft4j.io.Shown;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Items of evaluations as elements that open at a click, with tags for the filters. */
final class ItemHtml {

    private ItemHtml() {}

    static String of(Item item) {
        return element(item, tags(item), "<div class=\"sides\">" + answers(item) + "</div>", values(item));
    }

    /** Both answers side by side. */
    static String of(TaskComparison.Pair pair, String tag) {
        Set<String> tags = new LinkedHashSet<>();
        tags.add(tag);
        String sides = "<div class=\"sides\"><div><p class=\"mark\"><b>first</b> " + values(pair.first()) + "</p>"
                + answers(pair.first()) + "</div><div><p class=\"mark\"><b>second</b> " + values(pair.second()) + "</p>"
                + answers(pair.second()) + "</div></div>";
        return element(pair.first(), tags, sides, tag);
    }

    private static String element(Item item, Set<String> tags, String sides, String shown) {
        String prompt = text(item.prompt());
        StringBuilder out = new StringBuilder("<details class=\"item\" data-tags=\"")
                .append(Html.escape(String.join(" ", tags)))
                .append("\"><summary><b>")
                .append(Html.escape(item.id()))
                .append("</b><span>")
                .append(Html.escape(shown))
                .append("</span><em>")
                .append(Html.escape(Shown.oneLine(lastPart(prompt))))
                .append("</em></summary>\n<p class=\"mark\">prompt</p>")
                .append(pre(prompt));
        if (item.gold() != null) {
            out.append("<p class=\"mark\">gold answer</p>").append(pre(text(item.gold())));
        }
        return out.append(sides).append("</details>\n").toString();
    }

    /** What is asked stands at the end. */
    private static String lastPart(String prompt) {
        int at = prompt.lastIndexOf("\n\n");
        String last = at < 0 || at > prompt.length() - 20 ? prompt : prompt.substring(at + 2);
        return last.length() > 300 ? last.substring(0, last.offsetByCodePoints(0, 150)) + "..." : last;
    }

    private static String answers(Item item) {
        StringBuilder out = new StringBuilder();
        if (item.samples() != null) {
            for (Item.Sample s : item.samples()) {
                StringJoiner mark = new StringJoiner(", ");
                mark.add("<b>"
                        + Html.escape(s.error() != null ? "error" : s.verdict().replace('_', ' ')) + "</b>");
                add(mark, "answer", s.answer());
                add(mark, "followed", s.followed());
                add(mark, "finish", s.finish());
                add(mark, "tokens", s.tokens());
                add(mark, "seed", s.seed());
                out.append("<div><p class=\"mark\">").append(mark).append("</p>");
                out.append(pre(s.error() != null ? s.error() : s.completion())).append("</div>");
            }
        }
        if (item.choices() != null) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < item.choices().size(); i++) {
                Item.Choice c = item.choices().get(i);
                lines.append(
                        c.error() != null
                                ? c.error()
                                : Shown.format("%10.4f nats, %d tokens", c.logLikelihood(), c.tokens()));
                lines.append("  ").append(i).append(": ").append(c.text()).append('\n');
            }
            out.append("<div>").append(pre(lines.toString())).append("</div>");
        }
        if (item.text() != null) {
            Item.Text t = item.text();
            out.append("<div>")
                    .append(pre(
                            t.error() != null
                                    ? t.error()
                                    : Shown.format("%.4f nats, %d tokens", t.logLikelihood(), t.tokens())))
                    .append("</div>");
        }
        return out.toString();
    }

    private static void add(StringJoiner mark, String name, Object value) {
        if (value != null && !String.valueOf(value).isEmpty()) {
            mark.add(name + " " + Html.escape(String.valueOf(value)));
        }
    }

    private static String values(Item item) {
        StringJoiner out = new StringJoiner(", ");
        for (Map.Entry<String, Double> value : item.values().entrySet()) {
            out.add(value.getKey() + " " + Shown.format("%.3g", value.getValue()));
        }
        return out.toString();
    }

    private static Set<String> tags(Item item) {
        Set<String> tags = new LinkedHashSet<>();
        String chief = item.values().keySet().stream().findFirst().orElse(null);
        if (item.hasError()) {
            tags.add("error");
        } else if (chief != null && item.text() == null) {
            double value = item.value(chief);
            tags.add(value == 1 ? "right" : value == 0 ? "wrong" : "mixed");
        }
        if (item.samples() != null) {
            for (Item.Sample s : item.samples()) {
                if (s.truncated()) {
                    tags.add("truncated");
                }
                if (s.verdict() != null
                        && !s.verdict().equals("equal")
                        && !s.verdict().equals("different")) {
                    tags.add(s.verdict());
                }
            }
        }
        return tags;
    }

    private static String pre(String text) {
        return "<pre>" + Html.escape(text) + "</pre>";
    }

    private static String text(JsonNode value) {
        if (!value.isArray() || value.isEmpty() || !value.get(0).isObject()) {
            return value.isTextual() ? value.textValue() : value.toString();
        }
        StringJoiner out = new StringJoiner("\n\n");
        value.forEach(
                m -> out.add(m.path("role").asText() + ": " + m.path("content").asText()));
        return out.toString();
    }
}
