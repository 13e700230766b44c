package io.github.psft4j.monitor;

import io.github.psft4j.monitor.event.Evaluation;
import io.github.psft4j.monitor.event.EvaluationListener;
import io.github.psft4j.train.StepMetrics;
import io.github.psft4j.train.TokenListener;
import io.github.psft4j.train.TrainedTokens;
import io.github.psft4j.train.TrainerListener;
import io.github.psft4j.train.TrainingPlan;
import io.github.psft4j.train.TrainingSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a listener fail alone; see {@link Listeners#keepTraining}. After its first failure it receives no more calls.
 * The failure is logged at once, and once more when the run ends, where it has not scrolled away.
 */
class FailSafeListener implements TrainerListener, EvaluationListener {

    private static final Logger LOG = LoggerFactory.getLogger(FailSafeListener.class);

    private final TrainerListener listener;
    private RuntimeException failure;
    private int failedAfterStep;
    private int step;

    FailSafeListener(TrainerListener listener) {
        this.listener = listener;
    }

    /** The wrapped listener under protection, shown tokens only if it wants them. */
    static FailSafeListener of(TrainerListener listener) {
        return listener instanceof TokenListener tokens ? new OfTokens(tokens) : new FailSafeListener(listener);
    }

    private static final class OfTokens extends FailSafeListener implements TokenListener {
        private final TokenListener listener;

        OfTokens(TokenListener listener) {
            super(listener);
            this.listener = listener;
        }

        @Override
        public void onTokens(TrainedTokens tokens) {
            guarded(() -> listener.onTokens(tokens));
        }
    }

    /** Not protected: a failure before the first step should end the run, because nothing is lost yet. */
    @Override
    public void onStart(TrainingPlan plan) {
        listener.onStart(plan);
    }

    @Override
    public void onStep(StepMetrics metrics) {
        guarded(() -> listener.onStep(metrics));
        step = metrics.step();
    }

    @Override
    public void onEvaluation(Evaluation evaluation) {
        if (listener instanceof EvaluationListener evaluations) {
            guarded(() -> evaluations.onEvaluation(evaluation));
        }
    }

    /** A listener that failed has no say any more. */
    @Override
    public Optional<String> stopReason() {
        List<String> reason = new ArrayList<>();
        guarded(() -> listener.stopReason().ifPresent(reason::add));
        return reason.stream().findFirst();
    }

    @Override
    public void onEnd(TrainingSummary summary) {
        guarded(() -> listener.onEnd(summary));
    }

    @Override
    public void close() {
        if (failure == null) {
            guarded(listener::close);
            return;
        }
        LOG.error(
                "{} recorded nothing after step {}, because it failed: {}",
                listener.getClass().getSimpleName(),
                failedAfterStep,
                failure.getMessage());
        try {
            listener.close();
        } catch (RuntimeException e) {
            LOG.error("{} could not be closed either", listener.getClass().getSimpleName(), e);
        }
    }

    final void guarded(Runnable call) {
        if (failure != null) {
            return;
        }
        try {
            call.run();
        } catch (RuntimeException e) {
            failure = e;
            failedAfterStep = step;
            LOG.error(
                    "{} failed after step {} and is switched off; training goes on",
                    listener.getClass().getSimpleName(),
                    step,
                    e);
        }
    }
}
