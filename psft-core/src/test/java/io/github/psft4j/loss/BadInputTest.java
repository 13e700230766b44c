package io.github.psft4j.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Bad labels, masks, logits and settings are refused with a message that names the culprit and the way out. */
class BadInputTest {

    private static final DataType FLOAT = DataType.FLOAT;

    private final PsftLoss loss = new PsftLoss();
    private final TokenRows rows = TokenRows.random(41, 4, 10);

    private static void refused(Executable code, String... parts) {
        messageOf(IllegalArgumentException.class, code, parts);
    }

    private static void messageOf(Class<? extends RuntimeException> type, Executable code, String... parts) {
        String message = assertThrows(type, code).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is missing in: " + message);
        }
    }

    private void evaluate(INDArray labels, INDArray mask) {
        loss.computeGradient(labels, rows.logits(FLOAT), TokenRows.SOFTMAX, mask);
    }

    @ParameterizedTest
    @ValueSource(doubles = {10, -1, -100, 2.5, 1e9, Double.NaN, Double.POSITIVE_INFINITY})
    void tokenIdThatIsNoIdOfTheVocabulary(double id) {
        rows.mask[2] = 1;
        rows.ids[2] = id;
        refused(
                () -> rows.score(loss, DataType.DOUBLE),
                "token id " + id,
                "row 2",
                "[0, 10)",
                "mask the row",
                "tokenizer");
    }

    @Test
    void labelsWithoutTheOldLogProbs() {
        INDArray ids = rows.labels(new TokenLoss(new SftObjective()), FLOAT); // [N, 1]
        refused(
                () -> evaluate(ids, rows.mask(FLOAT)),
                "psft",
                "2 channels",
                "OLD_LOG_PROB",
                "got 1",
                "SnapshotIterator");
    }

    @Test
    void labelsWithMoreColumnsThanTheObjectiveTakes() {
        TokenLoss sft = new TokenLoss(new SftObjective());
        refused(
                () -> sft.computeScore(rows.labels(loss, FLOAT), rows.logits(FLOAT), TokenRows.SOFTMAX, null, false),
                "sft",
                "1 channels",
                "got 2");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.NEGATIVE_INFINITY})
    void lostOldLogProb(double old) {
        rows.mask[3] = 1;
        rows.old[3] = old;
        refused(() -> rows.score(loss, FLOAT), "OLD_LOG_PROB", "" + old, "row 3", "token id " + rows.id(3), "psft");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void nanLogitsThrowAndLeaveEverythingAsItWas(DataType type) {
        rows.score(loss, type);
        LossReport before = loss.report();
        rows.mask[1] = 1;
        rows.logits[1][4] = Double.NaN;
        INDArray logits = rows.logits(type);
        INDArray labels = rows.labels(loss, type);
        INDArray mask = rows.mask(type);
        double[][] values = {TokenRows.values(logits), TokenRows.values(labels), TokenRows.values(mask)};
        messageOf(
                NonFiniteLossException.class,
                () -> loss.computeGradient(labels, logits, TokenRows.SOFTMAX, mask),
                "psft",
                "row 1",
                "token id " + rows.id(1),
                "log-prob NaN",
                "learning rate",
                "checkpoint");
        assertArrayEquals(values[0], TokenRows.values(logits), "logits");
        assertArrayEquals(values[1], TokenRows.values(labels), "labels");
        assertArrayEquals(values[2], TokenRows.values(mask), "mask");
        assertEquals(before, loss.report());
    }

    /** An objective of one's own. */
    private record Broken() implements TokenObjective {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            for (int t = from; t < to; t++) {
                out.set(t, Double.NaN, 1);
            }
        }
    }

    @Test
    void objectiveThatMakesNanIsToldFromLogitsThatHoldIt() {
        TokenLoss broken = new TokenLoss(new Broken());
        String message = assertThrows(NonFiniteLossException.class, () -> rows.score(broken, FLOAT))
                .getMessage();
        assertTrue(message.contains("broken") && message.contains("look at the objective"), message);
        assertFalse(message.contains("checkpoint"), message);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void infiniteLogitOfTheTargetThrows(double logit) {
        rows.logits[0][rows.id(0)] = logit;
        for (DataType type : new DataType[] {FLOAT, DataType.DOUBLE}) {
            messageOf(NonFiniteLossException.class, () -> rows.score(loss, type), "row 0", "token id " + rows.id(0));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 2, -1, Double.NaN})
    void maskThatIsNotZeroOrOne(double value) {
        rows.mask[2] = value;
        refused(() -> rows.score(loss, FLOAT), "label mask", "" + value, "row 2", "WEIGHT");
    }

    @Test
    void maskPerOutput() {
        refused(() -> evaluate(rows.labels(loss, FLOAT), Nd4j.ones(FLOAT, 4, 2)), "one per token", "[4, 2]");
    }

    @Test
    void labelsOfTheWrongShape() {
        INDArray labels = rows.labels(loss, FLOAT);
        refused(() -> evaluate(labels.reshape(2, 2, 2), null), "[N, C]", "[2, 2, 2]");
        refused(() -> evaluate(Nd4j.concat(0, labels, labels), null), "8 rows", "logits 4");
        PsftObjective objective = new PsftObjective();
        refused(() -> LabelReader.sequences(labels, null, objective, 10), "[B, C, T]", "[4, 2]");
        INDArray threeSteps = Nd4j.zeros(FLOAT, 5, 2, 3); // [B, C, T]
        refused(
                () -> LabelReader.sequences(threeSteps, Nd4j.ones(FLOAT, 5, 4), objective, 10),
                "[B, T] = [5, 3]",
                "[5, 4]");
    }

    @ParameterizedTest
    @EnumSource(names = {"TANH", "SIGMOID", "RELU", "SOFTPLUS"})
    void activationThatIsNeitherSoftmaxNorIdentity(Activation activation) {
        refused(
                () -> loss.computeScore(
                        rows.labels(loss, FLOAT), rows.logits(FLOAT), activation.getActivationFunction(), null, false),
                "softmax or identity",
                activation.getActivationFunction().toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"SEQUENCE_MEAN_TOKEN_MEAN", "SEQUENCE_MEAN_TOKEN_SUM", "PAIR_MEAN"})
    void sequenceAggregationInAStockOutputLayer(Aggregation aggregation) {
        TokenLoss sequenceLoss = new TokenLoss(new PsftObjective(), aggregation);
        refused(() -> rows.score(sequenceLoss, FLOAT), aggregation.name(), "TOKEN_MEAN", "LmHead");
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, 0.28, 20, epsLow must lie in [0' 1]' was -0.1",
        "1.5, 0.28, 20, epsLow must lie in [0' 1]' was 1.5",
        "NaN, 0.28, 20, epsLow must lie in [0' 1]' was NaN",
        "0.2, 0, 20, epsHigh must be above 0' was 0.0",
        "0.2, NaN, 20, epsHigh must be above 0' was NaN",
        "0.2, 0.28, 0, maxLogRatio must be above 0' was 0.0",
        "0.2, 0.28, NaN, maxLogRatio must be above 0' was NaN"
    })
    void psftParametersOutOfRange(double epsLow, double epsHigh, double maxLogRatio, String message) {
        refused(() -> new PsftObjective(epsLow, epsHigh, maxLogRatio), message.replace('\'', ','));
    }

    @ParameterizedTest
    @EnumSource(names = {"HALF", "BFLOAT16"})
    void labelsThatCannotHoldTokenIds(DataType type) {
        refused(() -> evaluate(rows.labels(loss, type), null), type + " labels", "token ids exactly", "FLOAT");
    }

    @Test
    void logitsOfAnotherTypeThanFloatOrDouble() {
        refused(
                () -> loss.computeScore(
                        rows.labels(loss, FLOAT), rows.logits(DataType.HALF), TokenRows.SOFTMAX, null, false),
                "FLOAT or DOUBLE",
                "dataType(DataType.FLOAT)");
    }

    @Test
    void windowWithFewerTokensThanItsPart() {
        int tokens = rows.trainedTokens();
        TokenLoss part = loss.within(new Denominator(tokens - 1, 1));
        refused(() -> rows.score(part, FLOAT), "window has " + (tokens - 1), "alone has " + tokens, "all parts");
    }

    @Test
    void columnThatTheObjectiveDoesNotDeclare() {
        TokenBatch tokens = LabelReader.rows(rows.labels(loss, FLOAT), null, new PsftObjective(), 10);
        messageOf(
                IllegalStateException.class,
                () -> tokens.column(Column.ADVANTAGE, 0),
                "ADVANTAGE",
                "[OLD_LOG_PROB]",
                "columns()");
    }

    @Test
    void lossWithoutAnObjective() {
        assertEquals(
                "objective",
                assertThrows(NullPointerException.class, () -> new TokenLoss(null))
                        .getMessage());
    }
}
