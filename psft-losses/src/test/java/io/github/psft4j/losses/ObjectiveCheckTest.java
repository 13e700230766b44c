package io.github.psft4j.losses;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.loss.TokenBatch;
import io.github.psft4j.loss.TokenObjective;
import io.github.psft4j.loss.TokenTerms;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults that people make in an objective of their own are found, and the message says which. */
class ObjectiveCheckTest {

    private interface Evaluate {
        void run(TokenBatch tokens, TokenTerms out, int from, int to);
    }

    private enum Fault {
        TURNED_COEFFICIENT("the sign of the coefficient is turned", (tokens, out, from, to) -> {
            for (int t = from; t < to; t++) {
                out.set(t, -tokens.logProb(t), -1);
            }
        }),
        TURNED_LOSS_AND_COEFFICIENT("lowers the probability of the demonstrated tokens", (tokens, out, from, to) -> {
            for (int t = from; t < to; t++) {
                out.set(t, tokens.logProb(t), -1);
            }
        }),
        WRONG_COEFFICIENT("the gradient is not the derivative of the loss", (tokens, out, from, to) -> {
            for (int t = from; t < to; t++) {
                out.set(t, -tokens.logProb(t), Math.exp(tokens.logProb(t)));
            }
        }),
        SETS_NOTHING("token 0 of 4 never gets a loss", (tokens, out, from, to) -> {}),
        LEAVES_OUT_THE_FIRST_TOKEN("token 0 of 4 never gets a loss", (tokens, out, from, to) -> {
            for (int t = Math.max(1, from); t < to; t++) {
                out.set(t, -tokens.logProb(t), 1);
            }
        }),
        IGNORES_THE_BOUNDS("evaluated one token at a time", (tokens, out, from, to) -> {
            for (int t = 0; t < to; t++) {
                out.set(t, -tokens.logProb(t), 1);
            }
        }),
        OVERFLOWS("logits of 10,000 give a loss or gradient that is not finite", (tokens, out, from, to) -> {
            for (int t = from; t < to; t++) {
                double inverse = Math.exp(-tokens.logProb(t));
                out.set(t, inverse, inverse);
            }
        });

        private final String text;
        private final Evaluate evaluate;

        Fault(String text, Evaluate evaluate) {
            this.text = text;
            this.evaluate = evaluate;
        }
    }

    private record Faulty(Fault fault) implements TokenObjective {
        @Override
        public String name() {
            return "mine";
        }

        @Override
        public void evaluate(TokenBatch tokens, TokenTerms out, int from, int to) {
            fault.evaluate.run(tokens, out, from, to);
        }
    }

    @ParameterizedTest
    @EnumSource
    void faultIsNamed(Fault fault) {
        String message = assertThrows(AssertionError.class, () -> ObjectiveCheck.verify(new Faulty(fault)))
                .getMessage();
        assertTrue(message.startsWith("objective mine: ") && message.contains(fault.text), message);
    }
}
