import io.github.psft4j.data.Demonstration;
import io.github.psft4j.hub.CausalLm;
import io.github.psft4j.policy.RefreshSchedule;
import io.github.psft4j.policy.WarmupSchedule;
import io.github.psft4j.train.CheckpointPolicy;
import io.github.psft4j.train.PsftTrainer;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the checkpoints of this folder. In a build of psft4j 0.1 (commit 007c142):
 * {@code java -cp "psft-examples/target/psft/lib/*" WriteCheckpoints.java}.
 */
public class WriteCheckpoints {

    public static void main(String[] args) {
        write("macro", RefreshSchedule.everyMacroBatch());
        write("never", RefreshSchedule.never());
    }

    private static void write(String name, RefreshSchedule refresh) {
        DecoderConfig config = DecoderConfig.builder()
                .vocabSize(19)
                .hiddenSize(8)
                .intermediateSize(8)
                .layers(1)
                .heads(2)
                .maxPositions(16)
                .initializerRange(0.2)
                .tiedEmbeddings(true)
                .build();
        PsftTrainer.builder(CausalLm.create(config, null, 11))
                .macroBatch(12)
                .miniBatch(4)
                .microBatch(2)
                .learningRate(3e-3)
                .warmupSteps(4)
                .sftWarmup(WarmupSchedule.steps(1))
                .refresh(refresh)
                .maxSteps(8)
                .checkpoints(CheckpointPolicy.every(4, Path.of(name)).synchronous())
                .build()
                .fit(demonstrations());
    }

    private static List<Demonstration> demonstrations() {
        List<Demonstration> out = new ArrayList<>();
        for (int i = 0; i < 26; i++) {
            int[] prompt = {1 + i % 18, 1 + (5 * i + 3) % 18};
            int[] completion = new int[2 + i % 5];
            for (int t = 0; t < completion.length; t++) {
                completion[t] = 1 + (7 * i + 3 * t) % 18;
            }
            out.add(Demonstration.of(prompt, completion).withWeight(i % 3 == 0 ? 2 : 1));
        }
        return out;
    }
}
