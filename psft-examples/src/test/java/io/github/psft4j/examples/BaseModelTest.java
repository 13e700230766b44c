package io.github.psft4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.data.batch.Demonstration;
import io.github.psft4j.eval.Scorer;
import io.github.psft4j.examples.evaluation.SkillEvaluation;
import io.github.psft4j.examples.evaluation.SkillScores;
import io.github.psft4j.examples.skills.AnswerStyle;
import io.github.psft4j.examples.skills.Skill;
import io.github.psft4j.examples.skills.SkillCorpus;
import io.github.psft4j.loss.LossReport;
import io.github.psft4j.model.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseModelTest {

    @TempDir
    static Path directory;

    private static CausalLm model;

    @BeforeAll
    static void load() throws IOException {
        model = CausalLm.load(BaseModel.extractTo(directory));
    }

    @Test
    void itIsGoodAtFiveSkillsHalfwayAtAdditionAndSmall() throws IOException {
        SkillScores scores = new SkillEvaluation(200, 1, 4).evaluate(model, 0, part -> {});
        scores.accuracy().forEach((skill, accuracy) -> {
            double low = skill == Skill.ADD ? 0.55 : 0.9;
            double high = skill == Skill.ADD ? 0.85 : 1;
            double value = accuracy.value();
            assertTrue(value >= low && value <= high, skill + " is solved with " + value);
        });
        assertTrue(scores.nll().value() > 2, "the bracketed format is new to it");
        assertTrue(Files.size(directory.resolve("model.safetensors")) < 4_000_000, "size of the committed file");
    }

    @Test
    void theEvaluationAgreesWithTheScorerAndRepeatsExactly() {
        SkillEvaluation evaluation = new SkillEvaluation(30, 30, 4);
        List<String> parts = new ArrayList<>();
        SkillScores scores = evaluation.evaluate(model, 0, parts::add);
        assertEquals(SkillEvaluation.PARTS, parts.size());

        List<Demonstration> targets = SkillCorpus.heldOut(Skill.ADD, 30, 4).stream()
                .map(problem -> SkillCorpus.demonstration(problem, AnswerStyle.BRACKETED, model.tokenizer()))
                .toList();
        LossReport report = new Scorer(model, 7).report(targets);
        assertEquals(report.nll(), scores.nll().value(), 1e-5);
        assertEquals(report.entropy(), scores.targetEntropy().value(), 1e-5);

        SkillScores again = evaluation.evaluate(model, 0, part -> {});
        assertArrayEquals(scores.sampleEntropy().sums(), again.sampleEntropy().sums());
        assertArrayEquals(scores.inDomain().sums(), again.inDomain().sums());
    }
}
