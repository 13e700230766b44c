package io.github.psft4j.reward.function;

import io.github.psft4j.io.Shown;
import io.github.psft4j.reward.RewardFunction;
import io.github.psft4j.reward.RewardSample;
import io.github.psft4j.reward.RewardValue;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Speaks with a reward program. Its output is read by a thread of its own, so that neither side waits for a full pipe.
 */
final class RewardProgram implements RewardFunction {

    private static final int MAX_LINE = 1_000_000;
    private static final int LAST_WORDS = 2_000;
    private static final long MILLIS_TO_DIE = 500;

    /** A line of the program, or its end. */
    private record Line(String text, boolean end) {}

    private final List<String> command;
    private Running running;

    RewardProgram(List<String> command) {
        this.command = command;
    }

    /** One life of the program. */
    private static final class Running {
        private final Process process;
        private final BufferedWriter in;
        private final BlockingQueue<Line> out = new LinkedBlockingQueue<>();
        private final StringBuilder errors = new StringBuilder();

        Running(List<String> command) throws IOException {
            this.process = new ProcessBuilder(command).start();
            this.in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
            daemon("out", this::readOut);
            daemon("err", this::readErrors);
        }

        private void daemon(String name, Runnable task) {
            Thread thread = new Thread(task, "reward-program-" + name);
            thread.setDaemon(true);
            thread.start();
        }

        private void readOut() {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = line(reader); line != null; line = line(reader)) {
                    out.add(new Line(line, false));
                }
            } catch (IOException e) {
                out.add(new Line("", true)); // the program was ended
                return;
            }
            out.add(new Line("", true));
        }

        /** A line of at most {@link #MAX_LINE} characters; a longer one is cut, which makes it no JSON. */
        private static String line(Reader reader) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = reader.read(); c != '\n'; c = reader.read()) {
                if (c < 0) {
                    return line.length() == 0 ? null : line.toString();
                }
                if (line.length() < MAX_LINE) {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        private void readErrors() {
            try (Reader reader = new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8)) {
                char[] part = new char[512];
                for (int n = reader.read(part); n >= 0; n = reader.read(part)) {
                    synchronized (errors) {
                        errors.append(part, 0, n);
                        errors.delete(0, Math.max(0, errors.length() - LAST_WORDS));
                    }
                }
            } catch (IOException e) {
                return; // the program was ended
            }
        }

        String lastWords() {
            synchronized (errors) {
                String text = errors.toString().strip();
                int from = Math.max(0, text.length() - 180);
                return text.isEmpty()
                        ? "it wrote nothing to its error output"
                        : "its last words: " + text.substring(from);
            }
        }

        void end() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Override
    public synchronized List<RewardValue> score(List<RewardSample> samples) throws IOException, InterruptedException {
        if (running == null) {
            running = start();
        }
        boolean done = false;
        try {
            List<RewardValue> values = exchange(running, samples);
            done = true;
            return values;
        } finally {
            if (!done) {
                stop(); // what it still writes belongs to this batch
            }
        }
    }

    private String shown() {
        return " (command: " + Shown.brief(String.join(" ", command)) + ")";
    }

    private Running start() throws IOException {
        try {
            return new Running(command);
        } catch (IOException e) {
            throw new IOException("the program cannot be started: " + e.getMessage() + shown(), e);
        }
    }

    private List<RewardValue> exchange(Running program, List<RewardSample> samples)
            throws IOException, InterruptedException {
        program.daemon("in", () -> write(program, samples));
        List<RewardValue> values = new ArrayList<>(samples.size());
        while (values.size() < samples.size()) {
            Line line = program.out.take();
            if (line.end()) {
                throw new IOException(died(program, values.size(), samples.size()));
            }
            try {
                values.add(SampleJson.reward(line.text()));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "the program answers sample " + values.size() + " wrongly: " + e.getMessage() + shown());
            }
        }
        Line more = program.out.poll();
        if (more != null && !more.end()) {
            throw new IOException("the program wrote more lines than samples: " + Shown.brief(more.text())
                    + "; it must write one line for each" + shown());
        }
        return values;
    }

    private static void write(Running program, List<RewardSample> samples) {
        try {
            for (RewardSample sample : samples) {
                program.in.write(SampleJson.of(sample).toString());
                program.in.write('\n');
            }
            program.in.flush();
        } catch (IOException e) {
            return; // it has died, which its output says, too
        }
    }

    private String died(Running program, int answered, int asked) throws InterruptedException {
        boolean ended = program.process.waitFor(MILLIS_TO_DIE, TimeUnit.MILLISECONDS);
        return "the program"
                + (ended ? " ended with exit code " + program.process.exitValue() : " closed its output")
                + " after " + answered + " of " + asked + " answers; " + program.lastWords() + shown();
    }

    private void stop() {
        if (running != null) {
            running.end();
            running = null;
        }
    }

    @Override
    public void close() {
        Running last = running;
        if (last != null) {
            last.end();
        }
    }
}
