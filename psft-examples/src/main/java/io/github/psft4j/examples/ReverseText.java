package io.github.psft4j.examples;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.stats.Interval;
import io.github.psft4j.eval.stats.Mean;
import io.github.psft4j.examples.skills.CharacterTokenizer;
import io.github.psft4j.io.Shown;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.SftObjective;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.model.CausalLm;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardValue;
import io.github.psft4j.reward.Rewards;
import io.github.psft4j.reward.WeightedReward;
import io.github.psft4j.reward.function.SimilarityReward;
import io.github.psft4j.rollout.advantage.AdvantageSettings;
import io.github.psft4j.rollout.advantage.RewardKl;
import io.github.psft4j.rollout.sample.Prompt;
import io.github.psft4j.rollout.sample.RolloutSource;
import io.github.psft4j.rollout.sample.SamplingSettings;
import io.github.psft4j.rollout.source.EqualGroups;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.rollout.source.RolloutSteps;
import io.github.psft4j.rollout.source.Truncated;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.train.source.DataOrder;
import io.github.psft4j.transformer.generation.GenerationConfig;
import io.github.psft4j.transformer.generation.GenerationResult;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reverse-text, the smallest task of fine-tuning first and rewards afterwards (as in prime-rl's examples): the bundled
 * model gets {@code Xgab jic=} and is to write {@code cij bag;}. It has never seen an X, a space or so long a text. The
 * reward is difflib's ratio, {@link SimilarityReward}; of held-out texts it is printed before, between and after.
 */
@Command(name = "ReverseText", description = "SFT or PSFT, then GRPO, on texts to be reversed.")
public final class ReverseText extends Program {

    private static final int TRAINED = 4096;
    private static final int HELD_OUT = 200;
    private static final int MAX_NEW_TOKENS = 20;
    private static final int GROUP = 8;
    private static final RewardFunction REWARD = new SimilarityReward("text", true, "").create();

    @Option(names = "--first", paramLabel = "NAME", description = "sft or psft.")
    private String first = "psft";

    @Option(names = "--demonstrations", paramLabel = "N", description = "Demonstrations of the first stage.")
    private int demonstrations = 256;

    @Option(names = "--steps", paramLabel = "N", description = "Optimizer steps of the first stage.")
    private int steps = 64;

    @Option(names = "--rollouts", paramLabel = "N", description = "Rollouts of GRPO, 32 prompts with 8 samples each.")
    private int rollouts = 30;

    @Option(names = "--lr", paramLabel = "RATE", description = "Learning rate of GRPO.")
    private double learningRate = 3e-4;

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "Seeds, comma-separated.")
    private long[] seeds = {1};

    private ReverseText() {}

    /** Runs with the arguments listed by {@code --help}. */
    public static void main(String[] args) {
        Environment.prepare();
        new ReverseText().start(args);
    }

    @Override
    void run() throws Exception {
        for (long seed : seeds) {
            CausalLm model = CausalLm.load(BaseModel.extractTo(Files.createTempDirectory("skills-base")));
            List<String> texts = texts(TRAINED + HELD_OUT, seed);
            List<Prompt> heldOut = prompts(model, texts.subList(TRAINED, texts.size()));
            say(seed, "base", model, heldOut);
            imitate(model, texts.subList(0, demonstrations), seed);
            say(seed, first, model, heldOut);
            reward(model, texts.subList(0, TRAINED), seed);
            say(seed, first + ", grpo", model, heldOut);
        }
    }

    private void imitate(CausalLm model, List<String> texts, long seed) {
        TokenObjective objective = first.equals("psft") ? new PsftObjective(0.2, 0.28) : new SftObjective();
        FineTuning.trainer(model, objective, demonstrations)
                .learningRate(3e-4)
                .maxSteps(steps)
                .seed(seed)
                .build()
                .fit(texts.stream()
                        .map(text -> Demonstration.of(
                                ids(model, question(text)), ids(model, reversed(text)), CharacterTokenizer.EOS_ID))
                        .toList());
    }

    private void reward(CausalLm model, List<String> texts, long seed) {
        int sequences = 32 * GROUP;
        RolloutSource source = new RolloutSource(
                prompts(model, texts),
                new SamplingSettings(GROUP, MAX_NEW_TOKENS, 1, 0, 1, 0, List.of(), 1),
                new Rewards(List.of(WeightedReward.of("similarity", REWARD))),
                new RolloutSteps(
                        new RolloutSettings(2, Truncated.KEPT, EqualGroups.DROPPED),
                        AdvantageSettings.grpo(),
                        RewardKl.NONE,
                        sequences),
                sequences,
                new DataOrder(true, seed, 1),
                List.of());
        PsftTrainer.builder(model)
                .objective(ObjectiveRegistry.create("grpo", Map.of()))
                .macroBatch(sequences)
                .miniBatch(sequences)
                .learningRate(learningRate)
                .warmupSteps(5)
                .weightDecay(0)
                .maxSteps(2 * rollouts)
                .seed(seed)
                .build()
                .fit(source);
    }

    /** Mean reward of one sample at temperature 1 for each held-out text, with its interval of 95 %. */
    private void say(long seed, String stage, CausalLm model, List<Prompt> prompts) throws Exception {
        List<GenerationResult> answers = model.generate(
                prompts.stream().map(Prompt::ids).toList(),
                GenerationConfig.sample(MAX_NEW_TOKENS, 1.0, seed, CharacterTokenizer.EOS_ID));
        List<RewardSample> samples = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            String text = model.tokenizer().decode(answers.get(i).newTokens()).replaceAll(";$", "");
            int tokens = answers.get(i).newTokens().length;
            samples.add(new RewardSample(
                    prompts.get(i).value(), text, tokens, false, prompts.get(i).columns()));
        }
        Mean mean = Mean.of(
                REWARD.score(samples).stream().mapToDouble(RewardValue::value).toArray());
        Interval interval = mean.interval(0.95);
        System.out.println(Shown.format(
                "{\"seed\": %d, \"stage\": \"%s\", \"reward\": %.3f, \"from\": %.3f, \"to\": %.3f}",
                seed, stage, mean.value(), interval.low(), interval.high()));
    }

    private static List<Prompt> prompts(CausalLm model, List<String> texts) {
        return texts.stream()
                .map(text -> new Prompt(
                        ids(model, question(text)), new TextNode(question(text)), Map.of("text", new TextNode(text))))
                .toList();
    }

    private static int[] ids(CausalLm model, String text) {
        return model.tokenizer().encode(text, false);
    }

    private static String question(String text) {
        return "X" + text + "=";
    }

    private static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    /** Distinct texts of two or three words of three to five letters. */
    private static List<String> texts(int size, long seed) {
        Random random = new Random(seed);
        Set<String> texts = new LinkedHashSet<>();
        while (texts.size() < size) {
            StringBuilder text = new StringBuilder();
            for (int word = 2 + random.nextInt(2); word > 0; word--) {
                for (int letter = 3 + random.nextInt(3); letter > 0; letter--) {
                    text.append((char) ('a' + random.nextInt(10)));
                }
                text.append(word > 1 ? " " : "");
            }
            texts.add(text.toString());
        }
        return new ArrayList<>(texts);
    }
}
