package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.psft4j.loss.ObjectiveRegistry;
import io.github.psft4j.loss.PsftObjective;
import io.github.psft4j.loss.TokenLoss;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.losses.ObjectiveCheck.Purpose;
import io.github.psft4j.losses.regularizer.EntropyBonus;
import io.github.psft4j.losses.regularizer.ForwardKl;
import io.github.psft4j.losses.regularizer.KlEstimator;
import io.github.psft4j.losses.regularizer.ReverseKl;
import io.github.psft4j.losses.sft.SftKlObjective;
import io.github.psft4j.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What every objective of the registry must satisfy, with its default parameters, and some with others. A new objective
 * is in it as soon as its provider lists it.
 */
class ObjectiveBatteryTest {

    /** What objectives do on purpose, by their names. */
    private static final Map<Purpose, Set<String>> PURPOSES = Map.of(
            Purpose.DETACHED_WEIGHT,
            Set.of(
                    "dft",
                    "asft",
                    "iw-sft-sequence",
                    "iw-sft-step",
                    "eaft",
                    "trsft",
                    "chord-phi",
                    "cadft",
                    "cispo",
                    "kto"),
            Purpose.NOT_TOWARDS_DATA,
            Set.of("kl-estimator"), // it pulls towards the reference, wherever that is
            Purpose.NOT_SHIFT_INVARIANT,
            Set.of("z-loss"));

    /** For arrays of a few numbers OpenMP's workers would spin after each of many operations. */
    @BeforeAll
    static void useOneThread() {
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
    }

    static Stream<TokenObjective> objectives() {
        return Stream.concat(
                ObjectiveRegistry.names().stream().map(name -> ObjectiveRegistry.create(name, Map.of())),
                Stream.of(
                        new ForwardKl(3),
                        new ReverseKl(3),
                        new EntropyBonus(1.2),
                        new KlEstimator(KlEstimator.Kind.K1),
                        new KlEstimator(KlEstimator.Kind.K2),
                        new SftKlObjective(SftKlObjective.Divergence.REVERSE, 0.3),
                        ObjectiveRegistry.create("ppo-clip", Map.of("dualClip", 3)),
                        ObjectiveRegistry.create("grpo", Map.of("beta", 0.04, "kl", "k1")),
                        ObjectiveRegistry.create("dapo", Map.of("beta", 0.04, "kl", "k2")),
                        ObjectiveRegistry.create("dr-grpo", Map.of("beta", 0.04, "kl", "k3", "maxLength", 7)),
                        ObjectiveRegistry.create("bnpo", Map.of("beta", 0.04, "kl", "k3-ratio")),
                        ObjectiveRegistry.create("dr-grpo", Map.of("beta", 0.04, "kl", "full", "maxLength", 7)),
                        ObjectiveRegistry.create("gspo", Map.of("beta", 0.04, "kl", "k3-ratio", "epsHigh", 0.3)),
                        ObjectiveRegistry.create("sapo", Map.of("beta", 0.04, "tauPositive", 2)),
                        ObjectiveRegistry.create("profit", Map.of("direction", "lower")),
                        ObjectiveRegistry.create("dpo", Map.of("variant", "ipo")),
                        ObjectiveRegistry.create("dpo", Map.of("variant", "ipo_mean")),
                        ObjectiveRegistry.create("dpo", Map.of("labelSmoothing", 0.2)),
                        ObjectiveRegistry.create("dpo", Map.of("labelSmoothing", 0.2, "variant", "conservative")),
                        ObjectiveRegistry.create("dpo", Map.of("labelSmoothing", 0.2, "variant", "robust")),
                        ObjectiveRegistry.create("dpo-mix", Map.of("losses", "ipo 0.1, nll 2, robust 1")),
                        new PsftObjective().plus(0.3, new ReverseKl(2)).plus(0.1, new EntropyBonus())));
    }

    private static Purpose[] purposes(TokenObjective objective) {
        return PURPOSES.entrySet().stream()
                .filter(entry -> entry.getValue().contains(objective.name()))
                .map(Map.Entry::getKey)
                .toArray(Purpose[]::new);
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void everyObjectivePassesTheCheckThatUsersHave(TokenObjective objective) {
        ObjectiveCheck.verify(objective, purposes(objective));
    }

    /** Otherwise a purpose that is declared for nothing would switch a check off. */
    @Test
    void objectiveWithAPurposeFailsTheCheckThatDoesNotKnowIt() {
        for (Purpose left : List.of(Purpose.DETACHED_WEIGHT, Purpose.NOT_SHIFT_INVARIANT)) {
            for (String name : PURPOSES.get(left)) {
                TokenObjective objective = ObjectiveRegistry.create(name, Map.of());
                Purpose[] others =
                        Stream.of(purposes(objective)).filter(p -> p != left).toArray(Purpose[]::new);
                assertThrows(AssertionError.class, () -> ObjectiveCheck.verify(objective, others), name);
            }
        }
    }

    static Stream<TokenObjective> detached() {
        return objectives()
                .filter(o -> List.of(purposes(o)).contains(Purpose.DETACHED_WEIGHT))
                .filter(o -> !o.name().equals("kto")); // the drift of the batch is held constant, no weight
    }

    @ParameterizedTest
    @MethodSource("detached")
    void gradientOfDetachedWeightsIsTheWeightTimesThatOfSft(TokenObjective objective) {
        Random random = new Random(11);
        for (int shape = 0; shape < 5; shape++) {
            Sweeps batch = ObjectiveCheck.batch(random, 0.3 + 0.3 * shape, 100);
            detachedRows(batch, objective, run(batch, objective).gradient(), "shape " + shape);
        }
    }

    private static Sweeps.Result run(Sweeps batch, TokenObjective objective) {
        return batch.run(objective, DataType.DOUBLE);
    }

    /**
     * {@code gradient = c (softmax - onehot)} with {@code loss = -c log p}; ASFT adds its divergence, TrSFT is -p / sg.
     */
    private static void detachedRows(Sweeps batch, TokenObjective objective, double[] gradient, String what) {
        double[] losses = run(batch, objective).losses();
        double[] klGradient = new double[gradient.length];
        double[] kl = new double[losses.length];
        if (objective.name().equals("asft")) {
            double weight = 0.05;
            Sweeps.Result part = run(batch, new ForwardKl());
            Arrays.setAll(klGradient, k -> weight * part.gradient()[k]);
            Arrays.setAll(kl, k -> weight * part.losses()[k]);
        }
        int v = batch.vocabulary;
        for (int row = 0; row < losses.length; row++) {
            double logSumExp = ObjectiveCheck.logSumExp(batch.logits, row * v, v);
            double logProb = batch.logits[row * v + (int) batch.ids[row]] - logSumExp;
            double loss = losses[row] - kl[row];
            double c = objective.name().equals("trsft") ? -loss : loss / -logProb;
            for (int k = 0; k < v; k++) {
                double onehot = k == batch.ids[row] ? 1 : 0;
                double expected = batch.mask[row] * c * (Math.exp(batch.logits[row * v + k] - logSumExp) - onehot);
                assertEquals(expected, gradient[row * v + k] - klGradient[row * v + k], 1e-9, what + " row " + row);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void jsonRoundTripKeepsTheValue(TokenObjective objective) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        TokenLoss loss = new TokenLoss(objective, objective.aggregation());
        String json = mapper.writeValueAsString(loss);
        TokenLoss back = mapper.readValue(json, TokenLoss.class);
        assertEquals(loss, back);
        assertEquals(loss.hashCode(), back.hashCode());
        assertEquals(objective, back.objective());
    }

    /** Every objective has a row in docs/objectives.md whose last column lists parameters and defaults. */
    @ParameterizedTest
    @MethodSource("registered")
    void documentedDefaultsAreThoseOfTheCode(String name) throws IOException {
        TokenObjective byConstructor = ObjectiveRegistry.create(name, Map.of());
        String row = Files.readAllLines(Path.of("..", "docs", "objectives.md")).stream()
                .filter(line -> line.startsWith("| `" + name + "` |"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("docs/objectives.md has no row for " + name));
        StringBuilder expected = new StringBuilder();
        for (Setting p : ObjectiveRegistry.parameters(name)) {
            String value = p.defaultValue() instanceof Double d && d == Math.rint(d)
                    ? String.valueOf(d.longValue())
                    : p.defaultValue().toString();
            expected.append(expected.isEmpty() ? "" : ", ").append(p.name() + " " + value);
        }
        String documented = row.split("\\|")[4].strip();
        assertEquals(expected.isEmpty() ? "-" : expected.toString(), documented, row);
        assertFalse(ObjectiveRegistry.doc(name).isBlank());
        assertEquals(name, byConstructor.name());
    }

    static List<String> registered() {
        return ObjectiveRegistry.names();
    }
}
