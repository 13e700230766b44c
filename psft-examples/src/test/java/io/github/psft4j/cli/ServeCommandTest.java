package io.github.psft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.cli.console.ExitCodes;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The process of {@code psft serve}; what it answers is tested without it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServeCommandTest {

    private static final String MODEL = "../psft-core/src/test/resources/models/stories260K";

    @TempDir
    Path dir;

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java sends no signals there, only ends processes")
    void aSignalEndsItWhenTheRequestsThatAreThereAreAnswered() throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dpsft.threads=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Psft.class.getName()));
        command.addAll(List.of("serve", "--model", MODEL, "--port", "0", "--threads", "1"));
        Process server = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader out = server.inputReader()) {
            Matcher said = Pattern.compile("serving stories260K on http://127.0.0.1:(\\d+)/v1.*")
                    .matcher("");
            for (String line = out.readLine(); !said.reset(line).matches(); line = out.readLine()) {
                assertTrue(server.isAlive() || line != null, "it ended before it served");
            }
            String body =
                    "{\"prompt\": \"Once\", \"n\": 40, \"max_tokens\": 400, \"ignore_eos\": true, \"stream\": true}";
            try (Socket client = new Socket("127.0.0.1", Integer.parseInt(said.group(1)))) {
                client.getOutputStream()
                        .write(("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                        + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.UTF_8));
                BufferedReader answer =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
                assertEquals("HTTP/1.1 200 OK", answer.readLine());
                new ProcessBuilder("sh", "-c", "kill -TERM " + server.pid())
                        .start()
                        .waitFor();
                int ends = 0;
                String last = "";
                for (String line = answer.readLine(); !last.equals("data: [DONE]"); line = answer.readLine()) {
                    last = line;
                    ends += line.contains("\"finish_reason\":\"length\"") ? 1 : 0;
                }
                assertEquals(40, ends);
            }
            assertEquals(143, server.waitFor());
        } finally {
            server.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--host 0.0.0.0              | PSFT_API_KEY",
                "--host 0.0.0.0 --api-key ,, | blank",
                "--host no.such.host.invalid | no address",
                "--port 70000                | 65535",
                "--slots 0                   | --slots must be 1 or more, was 0",
                "--context 513               | 512 positions",
                "--context 1                 | at least 2",
                "--slots 100000000           | this machine has",
                "--precision f16             | f16",
                "--dtype half                | half",
                "--chat-template nope        | nope"
            })
    void whatCannotBeServedIsNamed(String options, String says) {
        List<String> arguments = new ArrayList<>(List.of("serve", "--model", MODEL));
        Arrays.stream(options.split(" +")).map(word -> word.replace(",,", " ")).forEach(arguments::add);
        InProcess.Result result = InProcess.run(arguments.toArray(String[]::new));
        assertEquals(ExitCodes.REFUSED, result.code(), result.err());
        assertTrue(result.err().contains(says), result.err());
    }

    @Test
    void aModelWithoutTokenizerIsRefused() throws Exception {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Path.of(MODEL, file), dir.resolve(file));
        }
        InProcess.Result result = InProcess.run("serve", "--model", dir.toString());
        assertEquals(ExitCodes.REFUSED, result.code());
        assertTrue(result.err().contains("tokenizer.json"), result.err());
    }
}
