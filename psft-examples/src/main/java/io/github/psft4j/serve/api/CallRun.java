package io.github.psft4j.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.psft4j.serve.ServeMetrics;
import io.github.psft4j.serve.ServedModel;
import io.github.psft4j.transformer.generation.GenerationResult;
import io.github.psft4j.transformer.generation.GenerationResult.Finish;
import io.github.psft4j.transformer.generation.GenerationTicket;
import io.github.psft4j.transformer.generation.PromptScores;
import io.github.psft4j.transformer.generation.StreamListener;
import io.github.psft4j.transformer.generation.StreamedToken;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call on its way from the generator to its client. All of it runs in one executor, one task at a time. */
public final class CallRun {

    private static final Logger LOG = LoggerFactory.getLogger(CallRun.class);

    private final ServedModel model;
    private final Call call;
    private final Format format;
    private final Reply reply;
    private final Executor executor;
    private final ServeMetrics metrics;
    private final long start;
    private final List<Choice> choices = new ArrayList<>();
    private final PromptScores[] scores; // by prompt, null until they are there
    private final List<GenerationTicket> tickets = new ArrayList<>();
    private boolean hasToken;
    private boolean over; // the reply has all of it, or takes nothing more

    /** @param start {@link System#nanoTime} when the request was whole */
    CallRun(
            ServedModel model,
            Call call,
            Format format,
            Reply reply,
            Executor executor,
            ServeMetrics metrics,
            long start) {
        this.model = model;
        this.call = call;
        this.format = format;
        this.reply = reply;
        this.executor = executor;
        this.metrics = metrics;
        this.start = start;
        this.scores = new PromptScores[call.prompts().size()];
        for (int i = 0; i < call.choices(); i++) {
            choices.add(new Choice(i, i / call.samples()));
        }
    }

    /** Queues the prompts. */
    public void start() {
        try {
            for (int p = 0; p < call.prompts().size(); p++) {
                int prompt = p;
                int[] ids = call.prompts().get(p).ids();
                metrics.prompt(ids.length);
                if (call.scores()) {
                    model.generator()
                            .score(ids, call.output().computed())
                            .whenComplete((all, failure) -> executor.execute(() -> scored(prompt, all, failure)));
                }
                if (call.generates()) {
                    tickets.add(model.generator().submit(call.request(p), new Listener(p * call.samples())));
                }
            }
        } catch (RejectedExecutionException e) {
            fail(ApiException.overloaded(e.getMessage() + "; try again later"));
        } catch (IllegalArgumentException e) {
            fail(ApiException.badField("prompt", e.getMessage()));
        }
        if (!call.generates()) {
            choices.forEach(choice -> choice.finish = Finish.LENGTH);
            proceed();
        }
    }

    /** Follows the samples of a prompt, on the generator's thread. */
    private final class Listener implements StreamListener {

        private final int first; // choice

        Listener(int first) {
            this.first = first;
        }

        @Override
        public void onToken(int sample, StreamedToken token) {
            executor.execute(() -> token(choices.get(first + sample), token));
        }

        @Override
        public void onEnd(int sample, GenerationResult result) {
            metrics.proposed(result.proposed(), result.accepted());
            last(() -> ended(choices.get(first + sample), result.finish()));
        }

        @Override
        public void onFailure(Throwable failure) {
            last(() -> failed(failure));
        }

        private void last(Runnable task) {
            try {
                executor.execute(task);
            } catch (RejectedExecutionException e) {
                LOG.debug("the server is closed, and nobody is left to tell", e);
            }
        }
    }

    private void token(Choice choice, StreamedToken token) {
        if (over) {
            return;
        }
        if (!hasToken) {
            hasToken = true;
            metrics.first((System.nanoTime() - start) / 1e9);
        }
        metrics.token();
        choice.generated++;
        choice.pending.add(token);
        proceed();
    }

    private void ended(Choice choice, Finish finish) {
        if (finish == Finish.CANCELLED) { // by the generator: what this call cancels is over
            fail(ApiException.overloaded("the server is stopping; try again later"));
        }
        choice.finish = finish;
        proceed();
    }

    private void scored(int prompt, PromptScores all, Throwable failure) {
        if (failure != null) {
            failed(failure);
        }
        scores[prompt] = all;
        proceed();
    }

    private void failed(Throwable failure) {
        fail(
                failure instanceof OutOfMemoryError || failure instanceof RejectedExecutionException
                        ? ApiException.overloaded("the generator stopped the request: " + failure.getMessage())
                        : ApiException.internal("generation failed: " + failure));
    }

    /** Ends the call with an error. */
    public void fail(ApiException error) {
        if (!over) {
            cancel();
            reply.fail(error);
        }
    }

    /** Ends the call without an answer, and frees its places. */
    public void cancel() {
        over = true;
        tickets.forEach(GenerationTicket::cancel);
        choices.forEach(choice -> choice.pending.clear());
    }

    /** The client takes more. */
    public void pump() {
        proceed();
    }

    private void proceed() {
        if (over) {
            return;
        }
        boolean done = true;
        for (Choice choice : choices) {
            if (!call.scores() || scores[choice.prompt] != null) {
                if (call.output().stream()) {
                    send(choice);
                } else {
                    take(choice);
                }
            }
            done &= choice.sent;
        }
        if (done) {
            over = true;
            finish();
        }
    }

    private void finish() {
        if (!call.output().stream()) {
            reply.whole(format.answer(choices));
            return;
        }
        if (call.output().usage()) {
            reply.part(format.usagePart(choices));
        }
        reply.end();
    }

    /** Gathers the choice of a whole answer. */
    private void take(Choice choice) {
        if (!choice.begun) {
            choice.begun = true;
            choice.text.append(echoed(choice));
            choice.tokens.addAll(echoedTokens(choice));
        }
        for (StreamedToken token = choice.pending.poll(); token != null; token = choice.pending.poll()) {
            choice.text.append(token.text());
            choice.tokens.addAll(logProbs(token));
        }
        choice.sent = choice.finish != null;
    }

    /** Sends what the client takes of a choice. */
    private void send(Choice choice) {
        if (!choice.begun && reply.ready() && (choice.finish != null || !choice.pending.isEmpty())) {
            choice.begun = true;
            ObjectNode opening = format.opening(choice);
            if (opening != null) {
                reply.part(format.part(opening));
            }
            if (call.output().echo()) {
                reply.part(format.part(format.part(choice, echoed(choice), echoedTokens(choice), false)));
            }
        }
        while (choice.begun && reply.ready() && !choice.pending.isEmpty()) {
            StreamedToken token = choice.pending.poll();
            List<Choice.Token> tokens = logProbs(token);
            if (!token.text().isEmpty() || !tokens.isEmpty()) {
                reply.part(format.part(format.part(choice, token.text(), tokens, false)));
            }
        }
        if (choice.begun && !choice.sent && choice.finish != null && choice.pending.isEmpty() && reply.ready()) {
            choice.sent = true;
            reply.part(format.part(format.part(choice, "", List.of(), true)));
        }
    }

    private List<Choice.Token> logProbs(StreamedToken token) {
        return call.output().likely() == null ? List.of() : List.of(Choice.token(token));
    }

    private String echoed(Choice choice) {
        return call.output().echo() ? call.prompts().get(choice.prompt).text() : "";
    }

    private List<Choice.Token> echoedTokens(Choice choice) {
        List<Choice.Token> tokens = new ArrayList<>();
        if (call.scores()) {
            int[] ids = call.prompts().get(choice.prompt).ids();
            PromptScores all = scores[choice.prompt];
            tokens.add(new Choice.Token(ids[0], null, null));
            for (int t = 1; t < ids.length; t++) {
                tokens.add(new Choice.Token(
                        ids[t],
                        all.logProbs()[t - 1],
                        all.likely().isEmpty() ? null : all.likely().get(t - 1)));
            }
        }
        return tokens;
    }
}
