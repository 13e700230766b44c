package io.github.psft4j.monitor;

import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar in the terminal with NLL, clip fraction and speed. */
public final class ProgressListener implements TrainerListener {

    private final String title;
    private ProgressBar bar;

    /**
     * @param title shown in front of the bar
     */
    public ProgressListener(String title) {
        this.title = title;
    }

    @Override
    public void onStart(TrainingPlan plan) {
        bar = new ProgressBarBuilder()
                .setTaskName(title)
                .setInitialMax(plan.totalSteps())
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .build();
    }

    @Override
    public void onStep(StepMetrics m) {
        bar.setExtraMessage(String.format(
                Locale.ROOT, "nll %.3f clip %.2f %,.0f tok/s", m.nll(), m.clipFraction(), m.tokensPerSecond()));
        bar.stepTo(m.step());
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
