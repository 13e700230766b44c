package io.github.psft4j.cli.serve;

import picocli.CommandLine.Option;

/** Where a model is served, for whom, and how much at a time. */
final class ServeOptions {

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; default 127.0.0.1, this machine only. Others need an API key.")
    String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8000",
            description = "Port; default 8000, 0 for any that is free.")
    int port;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:PSFT_API_KEY}",
            description = "What clients must present as bearer token. Others see a command line: the variable"
                    + " PSFT_API_KEY is safer.")
    String apiKey;

    @Option(names = "--name", paramLabel = "NAME", description = "What clients call the model; default its directory.")
    String name;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "f32",
            description = "f32 (default); bf16: weights of two bytes, and products in bf16 where the CPU has them;"
                    + " int8: weights of one byte.")
    String precision;

    @Option(
            names = "--lookup",
            paramLabel = "N",
            defaultValue = "0",
            description = "Propose N tokens at a time that followed a text's last ones before, and check them in one"
                    + " pass: faster where texts repeat themselves; default 0, none.")
    int lookup;

    @Option(
            names = "--chat-template",
            paramLabel = "NAME|FILE",
            description = "Chat template instead of the model's own, as data.chat_template.")
    String chatTemplate;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "16",
            description = "Sequences that are decoded together; default 16.")
    int slots;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "0",
            description = "Most tokens of prompt and answer; default 0, the model's, or fewer that fit the Java heap.")
    int context;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "256",
            description = "Sequences that may wait for a slot; default 256. More get status 503.")
    int queue;

    @Option(
            names = "--max-choices",
            paramLabel = "N",
            defaultValue = "128",
            description = "Choices of one request, prompts times n; default 128.")
    int choices;

    @Option(
            names = "--max-body",
            paramLabel = "BYTES",
            defaultValue = "1048576",
            description = "Largest request; default 1048576 bytes.")
    int body;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "256",
            description = "Connections at a time; default 256.")
    int connections;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "Longest time of a request; default 600.")
    int timeout;

    @Option(
            names = "--idle",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "A connection must bring a whole request within this time; default 60.")
    int idle;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "After Ctrl-C or SIGTERM, time for the requests that are there; default 30.")
    int grace;
}
