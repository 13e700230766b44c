package io.github.psft4j.config;

import io.github.psft4j.reward.RewardRegistry;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.ParameterException;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.settings.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the samples of a policy are worth. */
public record RewardSection(
        @Doc("Rewards of a sample with the weight of each; their weighted sum is what is maximised. NAME/LABEL gives a"
                + " second one of the same kind another name. docs/rewards.md lists all.")
        @Value(initial = "")
        @Text("names of rewards with a number each, such as {exact: 1, format: 0.2}")
        Map<String, String> functions,

        @Doc("Settings of the rewards: the name as in functions, a dot, the setting.")
        @Value(initial = "")
        @Text(
                value = "settings with a text each (a list is a text, too: \"python3, judge.py\"), such as"
                        + " {exact.column: answer}",
                orEmpty = true)
        Map<String, String> settings,

        @Doc("Longest time of one call of a reward, seconds; samples whose reward is late have none.")
        @Value(initial = "60", range = "> 0")
        double timeLimit,

        @Doc("Calls in a row that one reward may fail before the run ends.") @Value(initial = "3", range = ">= 1")
        int failureLimit) {

    public RewardSection {
        Setting.check(RewardSection.class, functions, settings, timeLimit, failureLimit);
        functions = new TreeMap<>(functions);
        settings = new TreeMap<>(settings);
    }

    /** Whether there is a reward. */
    public boolean on() {
        return !functions.isEmpty();
    }

    /**
     * The rewards, to be closed.
     *
     * @throws ParameterException naming the setting, its value and the way out
     */
    public Rewards rewards() {
        settings.keySet().forEach(this::requireKnown);
        Duration limit = Duration.ofMillis(Math.max(1, Math.round(1000 * timeLimit)));
        List<WeightedReward> all = new ArrayList<>();
        functions.forEach((name, weight) -> {
            double number = weight(name, weight);
            try {
                Map<String, String> own = settings(name);
                String text = kind(name) + " " + new TreeMap<>(own);
                all.add(new WeightedReward(name, number, limit, RewardRegistry.create(kind(name), own), text));
            } catch (ParameterException e) {
                throw new ParameterException("settings", name + "." + e.name() + " " + e.problem());
            } catch (IllegalArgumentException e) {
                throw new ParameterException("functions", e.getMessage());
            }
        });
        return new Rewards(all, failureLimit);
    }

    private void requireKnown(String key) {
        String owner = key.substring(0, Math.max(0, key.lastIndexOf('.')));
        if (!functions.containsKey(owner)) {
            throw new ParameterException(
                    "settings",
                    "names " + key + ", but functions has only " + functions.keySet()
                            + "; write REWARD.SETTING, such as exact.column");
        }
    }

    private static String kind(String name) {
        return name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
    }

    private Map<String, String> settings(String name) {
        Map<String, String> own = new LinkedHashMap<>();
        settings.forEach((key, value) -> {
            if (key.startsWith(name + ".") && key.lastIndexOf('.') == name.length()) {
                own.put(key.substring(name.length() + 1), value);
            }
        });
        return own;
    }

    private static double weight(String name, String text) {
        try {
            double weight = Double.parseDouble(text.strip());
            if (Double.isFinite(weight)) {
                return weight;
            }
        } catch (NumberFormatException e) {
            // the message below names it
        }
        throw new ParameterException("functions", name + " must have a number as its weight, was " + text);
    }
}
