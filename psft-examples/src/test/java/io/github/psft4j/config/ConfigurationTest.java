package io.github.psft4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.NearestName;
import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.rollout.source.RolloutSettings;
import io.github.psft4j.settings.Setting;
import io.github.psft4j.train.optimizer.Betas;
import io.github.psft4j.train.optimizer.Optimizer;
import io.github.psft4j.train.settings.Batch;
import io.github.psft4j.train.settings.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the value of a setting comes from, and that what is written is what was read. */
class ConfigurationTest {

    @TempDir
    Path dir;

    private String model;
    private String data;

    @BeforeEach
    void filesThatExist() throws IOException {
        Files.writeString(Files.createDirectories(dir.resolve("model")).resolve("config.json"), "{}");
        model = dir.resolve("model").toString().replace("\\", "/");
        data = Files.writeString(dir.resolve("rows.jsonl"), "{}\n").toString().replace("\\", "/");
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(
                dir.resolve("run.yaml"),
                "model:\n  path: \"" + model + "\"\ndata:\n  train: \"" + data + "\"\n" + yaml);
    }

    @Test
    void overridesWinOverTheFileAndTheFileOverDefaults() throws IOException {
        Path file = file("optimizer:\n  lr: 1e-5\n  betas: [0.9, 0.95]\nobjective:\n  epshigh: 0.4\n");
        RunConfig config = ConfigLoader.load(
                file, List.of("optimizer.lr=3e-4", "optimizer.lr=2e-4", "objective.eps_low=0.1", "batch.mini=4"));
        assertEquals(2e-4, config.get(Optimizer.class).learningRate());
        assertEquals(Origin.OVERRIDE, config.origin("optimizer.lr"));
        assertEquals(new Betas(0.9, 0.95), config.get(Optimizer.class).betas());
        assertEquals(Origin.FILE, config.origin("optimizer.betas"));
        assertEquals(64, config.get(Batch.class).macroBatch());
        assertEquals(Origin.DEFAULT, config.origin("batch.macro"));
        assertEquals(Map.of("eps_low", "0.1", "eps_high", "0.4", "max_log_ratio", 20.0), parameters(config));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0", ".5", "1e0", "1.5E1"})
    void aShareOfAFileIsANumberAsInOtherSettings(String share) throws IOException {
        Path file = file("");
        RunConfig config = ConfigLoader.load(file, List.of("data.mix={\"" + data + "\": " + share + "}"));
        assertEquals(Map.of(data, share), config.get(Sections.Data.class).mix());
        for (String wrong : List.of("-1", ".nan", "NaN", "Infinity", "twice", "2d", "")) {
            ConfigException refused = assertThrows(
                    ConfigException.class,
                    () -> ConfigLoader.load(file, List.of("data.mix={\"" + data + "\": " + wrong + "}")));
            assertTrue(refused.getMessage().contains("data.mix"), refused.getMessage());
        }
    }

    @Test
    void aRankThatIsNoNumberIsTheOnlyFaultOfItsAdapter() throws IOException {
        Path file = file("lora:\n  r: many\n  alpha: 32\n");
        ConfigException refused = assertThrows(ConfigException.class, () -> ConfigLoader.load(file, List.of()));
        assertTrue(refused.getMessage().contains("lora.r: must be"), refused.getMessage());
        assertFalse(refused.getMessage().contains("lora.alpha"), refused.getMessage());
    }

    @Test
    void anOverrideReplacesTheSettingThatItExcludes() throws IOException {
        Path epochs = file("train:\n  epochs: 3\n");
        RunConfig steps = ConfigLoader.load(epochs, List.of("train.max_steps=5"));
        assertEquals(5, steps.get(Training.class).maxSteps());
        assertEquals(Origin.DEFAULT, steps.origin("train.epochs"));
        Path maxSteps = file("train:\n  max_steps: 5\n");
        assertEquals(
                0,
                ConfigLoader.load(maxSteps, List.of("train.epochs=2"))
                        .get(Training.class)
                        .maxSteps());
    }

    @Test
    void anotherObjectiveOnTheCommandLineLeavesTheParametersOfTheFileBehind() throws IOException {
        Path file = file("objective:\n  name: psft\n  eps_high: 0.4\n");
        assertEquals(Map.of(), parameters(ConfigLoader.load(file, List.of("objective.name=sft"))));
        assertEquals(
                "0.4",
                parameters(ConfigLoader.load(file, List.of("objective.name=psft")))
                        .get("eps_high"));
    }

    @Test
    void resolvedFileRepeatsTheRun() throws IOException {
        Path file = file("""
                train:
                  max_steps: 7
                objective:
                  name: psft
                  eps_high: 0.31
                eval:
                  data: "%s"
                  prompts: ["a: b # c", "tab\\tand \\"quotes\\"", "yes"]
                data.columns:
                  question: "the problem"
                optimizer:
                  lr: 1.5e-5
                """.formatted(data));
        RunConfig config = ConfigLoader.load(file, List.of("data.prompt_suffix=\"\\n\\n\"", "run.dir=" + dir));
        Path resolved = Files.writeString(
                dir.resolve("config.resolved.yaml"), ResolvedFile.render(config, List.of("a heading")));
        RunConfig again = ConfigLoader.load(resolved, List.of());
        assertEquals(values(config), values(again));
        String text = Files.readString(resolved);
        assertTrue(text.contains("# override") && text.contains("# file") && text.contains("# default"), text);
    }

    private static Map<String, Object> parameters(RunConfig config) {
        Map<String, Object> out = new LinkedHashMap<>();
        config.objectiveParameters().forEach((name, resolved) -> out.put(name, resolved.value()));
        return out;
    }

    private static Map<String, String> values(RunConfig config) {
        Map<String, String> out = new LinkedHashMap<>();
        ResolvedFile.values(config).forEach((name, entry) -> out.put(name, String.valueOf(entry.get("value"))));
        return out;
    }

    /** What the comment at the top of laptop.yaml says. */
    @Test
    void emptyEvaluationDataSwitchTheEvaluationOfTheFileOff() throws IOException {
        Path laptop = Files.writeString(dir.resolve("laptop.yaml"), ReadyConfigs.text("laptop"));
        RunConfig config =
                ConfigLoader.load(laptop, List.of("model.path=" + model, "data.train=" + data, "eval.data="));
        assertNull(config.get(Sections.Eval.class).data());
        Path resolved = Files.writeString(dir.resolve("resolved.yaml"), ResolvedFile.render(config, List.of()));
        assertEquals(values(config), values(ConfigLoader.load(resolved, List.of())), "config.resolved.yaml repeats it");
    }

    @Test
    void parametersAreCheckedTogetherAndNotEachAgainstTheDefaultsOfTheOthers() throws IOException {
        Path file = file("objective:\n  name: iw-sft-step\n  max_weight: 0.1\n  min_weight: 0.05\n");
        assertEquals(Map.of("min_weight", "0.05", "max_weight", "0.1"), parameters(ConfigLoader.load(file, List.of())));
        ConfigException refused = assertThrows(
                ConfigException.class,
                () -> ConfigLoader.load(Files.writeString(file, Files.readString(file) + "  weight: 3\n"), List.of()));
        assertEquals(
                List.of("line 9, objective.weight"),
                refused.faults().stream().map(Fault::where).toList(),
                "the parameter that is wrong is named, those that are fine together are not");
    }

    @Test
    void everyObjectiveThatConfigurationsCanTrainIsExplainedWithParametersThatTheyAccept() throws IOException {
        String all = KeyTable.text("objective");
        for (String name : ObjectiveRegistry.names()) {
            List<String> parameters = ObjectiveRegistry.parameters(name).stream()
                    .map(Setting::key)
                    .toList();
            String one = KeyTable.text("objective." + name);
            parameters.forEach(parameter -> assertTrue(one.contains("objective." + parameter + "  ("), one));
            assertTrue(
                    all.lines().anyMatch(line -> line.startsWith("  " + name + " ") || line.equals("  " + name)), all);
        }
        assertTrue(all.contains("eps_low 0.2, eps_high 0.28, max_log_ratio 20"), all);
        assertTrue(KeyTable.text("objective.eps_high").contains("psft"), "a parameter names its objectives");
    }

    @Test
    void everyReadyConfigurationIsValid() throws IOException {
        assertEquals(
                List.of(
                        "laptop",
                        "laptop-sft",
                        "lora",
                        "lora-smollm2-135m",
                        "lora-qwen2.5-0.5b",
                        "lora-qwen2.5-1.5b",
                        "grpo",
                        "rloo",
                        "grpo-smollm2-135m",
                        "ppo",
                        "psft-qwen2.5-7b",
                        "psft-llama3.1-8b",
                        "psft-limo",
                        "sft-baseline",
                        "dpo",
                        "simpo",
                        "orpo",
                        "kto"),
                List.copyOf(ReadyConfigs.all().keySet()));
        for (String name : ReadyConfigs.all().keySet()) {
            Path file = Files.writeString(dir.resolve(name + ".yaml"), ReadyConfigs.text(name));
            RunConfig config =
                    ConfigLoader.load(file, List.of("model.path=" + model, "data.train=" + data, "eval.data=" + data));
            if (config.samples()) {
                int steps = config.get(Batch.class).stepsPerMacroBatch()
                        * config.get(RolloutSettings.class).iterations();
                assertEquals(name.startsWith("grpo-") ? 1 : 4, steps, name + ": steps of a rollout");
                continue;
            }
            boolean preferences = config.objective().neighbours() == 2; // no pi_old: K is 1
            assertEquals(preferences ? 1 : 8, config.get(Batch.class).stepsPerMacroBatch(), name + ": K of the recipe");
            assertEquals(preferences ? 0 : 0.1, config.get(Optimizer.class).weightDecay(), name);
        }
    }

    @Test
    void theDocumentedTableIsTheRealOne() throws IOException {
        String page = Files.readString(Path.of("../docs/cli.md")).replace("\r\n", "\n");
        assertTrue(
                page.contains(KeyTable.markdown(null)),
                "docs/cli.md: replace the table by the output of psft config keys --markdown");
    }

    @Test
    void theMisspeltNameMeansItsNearestNeighbour() {
        Set<String> names = Sections.keys().keySet();
        assertEquals("optimizer.lr", NearestName.to("optimizer.l", names).orElseThrow());
        assertEquals("data.shuffle", NearestName.to("shuffle", names).orElseThrow());
        assertEquals("batch.macro", NearestName.to("batch.marco", names).orElseThrow());
        assertTrue(NearestName.to("completely.else.where", names).isEmpty());
    }
}
