package io.github.psft4j.reward.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A reward program that behaves or misbehaves, for {@link OutsideRewardsTest}. */
final class JudgeProgram {

    private JudgeProgram() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        ObjectMapper json = new ObjectMapper();
        int n = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode sample = json.readTree(line);
            switch (args[0]) {
                case "die" -> {
                    out.println(1);
                    System.err.println("out of judges");
                    System.exit(7);
                }
                case "hang" -> Thread.sleep(600_000);
                case "garbage" -> out.println("hello");
                case "text" -> out.println("\"good\"");
                case "nan" -> out.println("NaN");
                default -> {
                    boolean none = sample.get("completion").asText().startsWith("\u00e9");
                    out.println(
                            none
                                    ? "null"
                                    : "{\"reward\": "
                                            + sample.get("completion").asText().length() + ", \"note\": \"counted\"}");
                }
            }
            n++;
        }
    }
}
