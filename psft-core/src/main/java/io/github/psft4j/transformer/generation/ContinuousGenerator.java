package io.github.psft4j.transformer.generation;

import io.github.psft4j.kernel.WeightScope;
import io.github.psft4j.transformer.DecoderGraph;
import io.github.psft4j.transformer.config.DecoderConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Generation for requests that come at any time, by continuous batching (Yu et al., Orca, OSDI 2022). A sequence that
 * ends leaves its slot at once, and one that waits takes it. Every sequence has its own settings and seed.
 *
 * <p>One thread of this object uses the graph from now until {@link #close}; nothing else may use it meanwhile. All
 * methods may be called from any thread. Requests are served in the order in which they come. What is decoded beside a
 * sequence changes its log-probs by rounding only, as in {@link Generator}.
 *
 * <pre>{@code
 * var generator = new ContinuousGenerator(
 *         model.graph(), model.config(), ids -> tokenizer.decode(ids, true), new BatchLimits(16, 2048, 256));
 * generator.submit(GenerationRequest.of(tokenizer.encode("Once"), settings), listener);
 * }</pre>
 */
public final class ContinuousGenerator implements AutoCloseable {

    private final DecoderConfig config;
    private final Detokenizer detokenizer;
    private final BatchLimits limits;
    private final Deque<GenerationJob> arrived = new ArrayDeque<>(); // guarded by this
    private final Deque<PromptScoring.Job> scorings = new ArrayDeque<>(); // guarded by this
    private final ContinuousBatch.Occupancy occupancy = new ContinuousBatch.Occupancy();
    private final Thread thread;
    private boolean closing; // takes nothing new; guarded by this
    private boolean closed; // ends what is there; guarded by this
    private Throwable broken; // why the thread ended although it should not have; guarded by this

    /**
     * @param graph a graph of {@link DecoderGraph}
     * @param config its architecture
     * @param detokenizer for texts and stop strings; may be null without stop strings
     */
    public ContinuousGenerator(
            ComputationGraph graph, DecoderConfig config, Detokenizer detokenizer, BatchLimits limits) {
        this.config = config;
        this.detokenizer = detokenizer;
        this.limits = limits;
        this.thread = new Thread(() -> run(graph), "psft-generator");
        thread.setDaemon(true);
        thread.start();
    }

    /** Most tokens of a sequence, prompt included. */
    public int longest() {
        return Math.min(limits.longest(), config.longestSequence());
    }

    /**
     * Queues a request.
     *
     * @throws IllegalArgumentException if the prompt is empty, too long or has an id outside the vocabulary, or if
     *     there are stop strings but no tokenizer, or lookup with dynamic RoPE scaling
     * @throws RejectedExecutionException if too many wait already, or if this generator is closed or has failed
     */
    public GenerationTicket submit(GenerationRequest request, StreamListener listener) {
        requireFit(request.prompt(), longest() - 1);
        if (detokenizer == null && !request.settings().stop().strings().isEmpty()) {
            throw new IllegalArgumentException("stop strings need a tokenizer, and this model has none");
        }
        PromptLookup.check(request.settings(), config);
        GenerationJob job = new GenerationJob(request, listener);
        synchronized (this) {
            requireRoom(request.seeds().length);
            occupancy.take(job.samples());
            arrived.add(job);
            notifyAll();
        }
        return job;
    }

    /**
     * Queues the scoring of given tokens.
     *
     * @param likely how many of the likeliest tokens are wanted at each position, 0 for none
     * @throws IllegalArgumentException if there is no token, there are too many, or an id is outside the vocabulary
     * @throws RejectedExecutionException as {@link #submit}
     */
    public CompletableFuture<PromptScores> score(int[] tokens, int likely) {
        requireFit(tokens, longest());
        CompletableFuture<PromptScores> result = new CompletableFuture<>();
        synchronized (this) {
            requireRoom(1);
            if (tokens.length == 1) { // nothing is predicted
                result.complete(new PromptScores(new float[0], List.of()));
            } else {
                scorings.add(new PromptScoring.Job(tokens, Math.min(likely, config.vocabSize()), result));
                notifyAll();
            }
        }
        return result;
    }

    private void requireFit(int[] prompt, int most) {
        if (prompt.length == 0 || prompt.length > most) {
            throw new IllegalArgumentException(
                    "the prompt has " + prompt.length + " tokens; it needs at least 1 and at most " + most);
        }
        config.checkIds(prompt, t -> "at position " + t + " of the prompt");
    }

    private void requireRoom(int sequences) {
        if (closing || broken != null) {
            throw new RejectedExecutionException(
                    broken == null ? "the generator is closed" : "the generator has failed: " + broken, broken);
        }
        if (occupancy.taken() + scorings.size() + sequences > limits.slots() + limits.waiting()) {
            throw new RejectedExecutionException(waiting() + " sequences are waiting, of at most " + limits.waiting());
        }
    }

    /** Sequences that wait for a slot, and prompts that wait for their scores. */
    public synchronized int waiting() {
        return occupancy.taken() - occupancy.running() + scorings.size();
    }

    /** Sequences that have a slot and at least one token. */
    public int running() {
        return occupancy.running();
    }

    /** Whether requests are taken. */
    public synchronized boolean isOpen() {
        return !closing && broken == null;
    }

    /**
     * Takes no more requests and waits for those that are there. A listener must not call it.
     *
     * @return whether all have ended in time
     */
    public boolean drain(Duration patience) throws InterruptedException {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        thread.join(Math.max(1, patience.toMillis()));
        return !thread.isAlive();
    }

    /** Cancels all requests and frees the graph and the memory. A listener must not call it. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            closed = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) { // the graph is free only when its thread has ended
            try {
                TimeUnit.SECONDS.timedJoin(thread, 60);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What the thread does next.
     *
     * @param scorings of one pass
     */
    private record Work(List<GenerationJob> jobs, List<PromptScoring.Job> scorings) {}

    private void run(ComputationGraph graph) {
        Throwable failure = null;
        try (WeightScope weights = DecoderGraph.ops(graph).products().holdWeights();
                ContinuousBatch batch =
                        new ContinuousBatch(graph, config, detokenizer, limits.slots(), longest(), occupancy)) {
            for (Work work = next(batch); work != null; work = next(batch)) {
                work.jobs().forEach(batch::add);
                batch.score(work.scorings());
                batch.step();
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread(); // of scorings
        end(failure);
    }

    /** Waits if there is nothing to do; null to end. */
    private synchronized Work next(ContinuousBatch batch) {
        while (!batch.busy() && arrived.isEmpty() && scorings.isEmpty() && !closing) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nothing interrupts the thread of a generator", e);
            }
        }
        if (closed) {
            arrived.forEach(GenerationJob::cancel);
            batch.cancel();
        }
        if (closing && !batch.busy() && arrived.isEmpty() && (closed || scorings.isEmpty())) {
            return null;
        }
        Work work = new Work(new ArrayList<>(arrived), new ArrayList<>());
        arrived.clear();
        for (int taken = 0; !scorings.isEmpty() && batch.scoring().fits(taken, scorings.peek()); ) {
            taken += scorings.peek().tokens().length;
            work.scorings().add(scorings.poll());
        }
        return work;
    }

    /** Tells those whose requests will not be served. */
    private void end(Throwable failure) {
        List<GenerationJob> jobs;
        List<PromptScoring.Job> unscored;
        synchronized (this) {
            closing = true;
            broken = failure;
            jobs = new ArrayList<>(arrived);
            unscored = new ArrayList<>(scorings);
            arrived.clear();
            scorings.clear();
        }
        Throwable reason = failure == null ? new RejectedExecutionException("the generator is closed") : failure;
        jobs.forEach(job -> job.fail(reason));
        unscored.forEach(job -> job.result().completeExceptionally(reason));
    }
}
