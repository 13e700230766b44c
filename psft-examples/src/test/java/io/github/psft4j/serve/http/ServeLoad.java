package io.github.psft4j.serve.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients of many kinds at once: whole answers, streams, streams that are left half-way, readers that are slow, bodies
 * that are malformed, connections that are dropped in the middle of a request.
 *
 * <p>As a program, against a server that {@code psft serve --model bundled:models/stories260K} has started:
 *
 * <pre>java -cp ... io.github.psft4j.serve.http.ServeLoad PORT REQUESTS CLIENTS [PID_OF_THE_SERVER]</pre>
 *
 * It prints counts, the p50 and p99 of the time to the first token, and the resident memory of the server after every
 * tenth of the requests. Exit code 1: an answer was wrong or missing.
 */
final class ServeLoad {

    private static final List<String> MALFORMED = List.of(
            "{\"prompt\": ",
            "{\"prompt\": \"a\", \"max_tokens\": -1}",
            "[[[[[[[[[[",
            "{\"prompt\": \"a\", \"temperature\": \"hot\"}",
            "\u0000\u0001",
            "{\"prompt\": [1, 99999]}",
            "{\"promt\": \"a\"}");

    private final int port;
    private final int clients;
    private long seed;
    private final Map<String, AtomicInteger> counts = Collections.synchronizedMap(new TreeMap<>());
    private final List<String> faults = Collections.synchronizedList(new ArrayList<>());
    private final List<Double> firstTokens = Collections.synchronizedList(new ArrayList<>()); // milliseconds

    ServeLoad(int port, int clients, long seed) {
        this.port = port;
        this.clients = clients;
        this.seed = seed;
    }

    /** Sends so many requests, and returns when all clients are done. */
    void run(int requests) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < clients; c++) {
            Thread thread = new Thread(() -> {
                for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                    one(new SplittableRandom(seed * 1_000_003 + i));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        seed++;
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    int count(String kind) {
        return counts.getOrDefault(kind, new AtomicInteger()).get();
    }

    private void one(SplittableRandom random) {
        int kind = random.nextInt(100);
        String name = kind < 35
                ? "whole"
                : kind < 55
                        ? "stream"
                        : kind < 75 ? "cancel" : kind < 90 ? "malformed" : kind < 97 ? "slow" : "dropped";
        counts.computeIfAbsent(name, k -> new AtomicInteger()).incrementAndGet();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(120_000);
            socket.setTcpNoDelay(true);
            int tokens = 1 + random.nextInt(60);
            String body = "{\"prompt\": \"Once upon a time\", \"ignore_eos\": true, \"max_tokens\": " + tokens
                    + ", \"temperature\": " + (random.nextInt(3) * 0.5) + ", \"stream\": "
                    + !name.equals("whole") + (random.nextInt(4) == 0 ? ", \"logprobs\": 3, \"echo\": true" : "")
                    + (random.nextInt(6) == 0 ? ", \"n\": 3" : "") + "}";
            switch (name) {
                case "malformed" ->
                    expect(exchange(socket, MALFORMED.get(random.nextInt(MALFORMED.size()))), " 400 ", "error");
                case "dropped" -> send(socket, body.substring(0, body.length() / 2), body.length());
                case "cancel" ->
                    cancel(socket, body.replace("\"max_tokens\": " + tokens, "\"max_tokens\": 500"), random);
                case "whole" -> expect(exchange(socket, body), " 200 ", "\"finish_reason\":\"length\"");
                case "slow" -> stream(socket, body, 20);
                default -> stream(socket, body, 0);
            }
        } catch (IOException | InterruptedException e) {
            faults.add(name + ": " + e);
        }
    }

    private static void send(Socket socket, String body, int length) throws IOException {
        String head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    private static String exchange(Socket socket, String body) throws IOException {
        send(socket, body, body.getBytes(StandardCharsets.UTF_8).length);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void expect(String answer, String status, String holds) {
        if (!answer.startsWith("HTTP/1.1" + status) || !answer.contains(holds)) {
            faults.add("expected" + status + holds + ", got " + answer.substring(0, Math.min(300, answer.length())));
        }
    }

    private void cancel(Socket socket, String body, SplittableRandom random) throws IOException, InterruptedException {
        send(socket, body, body.length());
        int bytes = random.nextInt(2000);
        InputStream in = socket.getInputStream();
        for (int n = 0; n < bytes && in.read() >= 0; n++) {}
        if (random.nextBoolean()) {
            socket.setSoLinger(true, 0); // a reset instead of an orderly end
        }
    }

    private void stream(Socket socket, String body, int pause) throws IOException, InterruptedException {
        long start = System.nanoTime();
        send(socket, body, body.length());
        InputStream in = new BufferedInputStream(socket.getInputStream(), pause > 0 ? 64 : 8192);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[pause > 0 ? 512 : 8192];
        boolean first = false;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            all.write(buffer, 0, n);
            if (!first && all.toString(StandardCharsets.UTF_8).contains("data: ")) {
                first = true;
                if (pause == 0) {
                    firstTokens.add((System.nanoTime() - start) / 1e6);
                }
            }
            Thread.sleep(pause);
        }
        expect(all.toString(StandardCharsets.UTF_8), " 200 ", "data: [DONE]");
    }

    private double percentile(double p) {
        double[] sorted =
                firstTokens.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.min(sorted.length - 1, p * sorted.length)];
    }

    private static String resident(String pid) throws IOException {
        return pid == null
                ? "unknown"
                : Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                        .filter(line -> line.startsWith("VmRSS"))
                        .map(line -> line.replaceAll("\\D+", ""))
                        .findFirst()
                        .orElse("gone");
    }

    /** See the class. */
    public static void main(String[] args) throws Exception {
        int requests = Integer.parseInt(args[1]);
        String pid = args.length > 3 ? args[3] : null;
        ServeLoad load = new ServeLoad(Integer.parseInt(args[0]), Integer.parseInt(args[2]), 1);
        String[] memory = new String[11];
        memory[0] = resident(pid);
        for (int part = 1; part <= 10; part++) {
            load.run(requests / 10);
            memory[part] = resident(pid);
        }
        System.out.println("requests " + load.counts);
        System.out.printf(
                "first token, ms: p50 %.1f, p99 %.1f, of %d streams; %d clients at a time%n",
                load.percentile(.5), load.percentile(.99), load.firstTokens.size(), load.clients);
        System.out.println("resident memory of the server, KiB, from the start: " + Arrays.toString(memory));
        System.out.println("faults " + load.faults.size());
        load.faults.stream().limit(10).forEach(System.out::println);
        System.exit(load.faults.isEmpty() ? 0 : 1);
    }
}
