package io.github.psft4j.reward;

import io.github.psft4j.io.Shown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls one function on a daemon thread, which is replaced when the function hangs. */
final class RewardWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RewardWorker.class);

    private static final int MAX_MESSAGE = 600;

    private final WeightedReward reward;
    private ExecutorService thread;

    RewardWorker(WeightedReward reward) {
        this.reward = reward;
        this.thread = newThread();
    }

    WeightedReward reward() {
        return reward;
    }

    private ExecutorService newThread() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread worker = new Thread(task, "reward-" + reward.name());
            worker.setDaemon(true);
            return worker;
        });
    }

    Call call(List<RewardSample> samples) {
        return new Call(samples);
    }

    /** A call that is under way. */
    final class Call {
        private final List<RewardSample> samples;
        private final Future<List<RewardValue>> result;
        private final long end = System.nanoTime() + reward.limit().toNanos();

        private Call(List<RewardSample> samples) {
            this.samples = samples;
            this.result = thread.submit(() -> reward.function().score(samples));
        }

        void cancel() {
            result.cancel(true);
        }

        /** One value for each sample; what went wrong is added to the failures. */
        List<RewardValue> await(List<RewardFailure> failures) throws InterruptedException {
            try {
                List<RewardValue> values = result.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                return checked(values, failures);
            } catch (ExecutionException e) {
                LOG.debug("reward {} threw", reward.name(), e.getCause());
                return all(RewardFailure.Kind.THREW, "threw " + shown(e.getCause()), failures);
            } catch (CancellationException e) {
                return all(RewardFailure.Kind.THREW, "was cancelled", failures);
            } catch (TimeoutException e) {
                result.cancel(true);
                thread.shutdownNow(); // it may ignore the interrupt: the next call gets a fresh thread
                thread = newThread();
                return all(
                        RewardFailure.Kind.TIMEOUT,
                        "took longer than its limit of " + reward.limit().toMillis() + " ms for " + samples.size()
                                + " samples; raise the limit or make it faster",
                        failures);
            }
        }

        /** On one line; long enough for the last words of a program. */
        private static String shown(Throwable cause) {
            String text = Shown.oneLine(String.valueOf(cause));
            return text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "..." : text;
        }

        private List<RewardValue> checked(List<RewardValue> values, List<RewardFailure> failures) {
            if (values == null) {
                return all(RewardFailure.Kind.NULL, "returned null instead of a list of values", failures);
            }
            if (values.size() != samples.size()) {
                return all(
                        RewardFailure.Kind.WRONG_NUMBER_OF_VALUES,
                        "returned " + values.size() + " values for " + samples.size() + " samples",
                        failures);
            }
            List<RewardValue> out = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                out.add(checked(i, values.get(i), failures));
            }
            return out;
        }

        private RewardValue checked(int sample, RewardValue value, List<RewardFailure> failures) {
            if (value == null) {
                return one(RewardFailure.Kind.NULL, "returned null for sample " + sample, failures);
            }
            if (value.state() == RewardValue.State.FAILED) {
                return one(RewardFailure.Kind.REPORTED, "failed on sample " + sample + ": " + value.note(), failures);
            }
            return Double.isFinite(value.value())
                    ? value
                    : one(
                            RewardFailure.Kind.NOT_FINITE,
                            "returned " + value.value() + " for sample " + sample
                                    + "; a reward is a finite number or not applicable",
                            failures);
        }

        private RewardValue one(RewardFailure.Kind kind, String message, List<RewardFailure> failures) {
            failures.add(new RewardFailure(reward.name(), kind, 1, message));
            return RewardValue.failed(message);
        }

        private List<RewardValue> all(RewardFailure.Kind kind, String message, List<RewardFailure> failures) {
            failures.add(new RewardFailure(reward.name(), kind, samples.size(), message));
            return Collections.nCopies(samples.size(), RewardValue.failed(message));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        reward.function().close();
    }
}
