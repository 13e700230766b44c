package io.github.psft4j.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.JacksonYAMLParseException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads one YAML document of mappings, lists and scalars. Files are not trusted: tags (types), anchors and aliases are
 * refused, and size and depth are bounded.
 */
record YamlReader(String source, YAMLParser parser) {

    /** Largest file; the longest configuration there is has some hundred lines. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 16;

    /** What Jackson puts before an object of its parser, which tells a user nothing. */
    private static final String PARSER_EVENT = ", got this instead: <";

    /**
     * Reads a file; an empty one is an empty table.
     *
     * @throws ConfigException naming file and line
     */
    static Node.Table read(Path file) {
        String source = file.toString();
        try {
            if (Files.isDirectory(file)) {
                throw fault(source, 0, "is a directory; give the YAML file of a run");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw fault(source, 0, "is larger than 1 MB and hardly a configuration; is it the data file?");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return table(source, text);
        } catch (NoSuchFileException e) {
            throw fault(source, 0, "no such file; \"psft config ls\" names configurations to copy");
        } catch (CharacterCodingException e) {
            throw fault(source, 0, "is not UTF-8 text; save it as UTF-8");
        } catch (IOException e) {
            throw fault(source, 0, "cannot be read: " + e);
        }
    }

    /** Reads a text; an empty one is an empty table. */
    static Node.Table table(String source, String text) {
        Node root = parse(source, text);
        if (root instanceof Node.Table table) {
            return table;
        }
        if (root instanceof Node.Scalar scalar && scalar.isBlank()) {
            return new Node.Table(Map.of(), 1);
        }
        throw fault(source, root.line(), "the file must hold \"section:\" lines with \"key: value\" below them");
    }

    /** Reads the value of an override, such as {@code 3} or {@code [0.9, 0.95]}. */
    static Node value(String key, String text) {
        return parse("--set " + key, text);
    }

    private static Node parse(String source, String text) {
        LoaderOptions limits = new LoaderOptions();
        limits.setCodePointLimit(MAX_BYTES);
        limits.setNestingDepthLimit(MAX_DEPTH);
        limits.setAllowDuplicateKeys(true); // refused below, with their line
        YAMLFactory factory = YAMLFactory.builder().loaderOptions(limits).build();
        try (YAMLParser parser = factory.createParser(text)) {
            YamlReader reader = new YamlReader(source, parser);
            JsonToken first = parser.nextToken();
            Node root = first == null ? new Node.Scalar(null, 1) : reader.node(first, 0);
            if (parser.nextToken() != null) {
                throw fault(source, reader.line(), "a second document starts here; a configuration is one document");
            }
            return root;
        } catch (JacksonYAMLParseException e) {
            throw syntax(source, e);
        } catch (StreamConstraintsException e) {
            throw fault(source, 0, "beyond the limits of a configuration: " + firstLine(e.getOriginalMessage()));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw fault(source, line, "not valid YAML: " + withoutEvent(firstLine(e.getOriginalMessage())));
        } catch (IOException e) {
            throw fault(source, 0, "not valid YAML: " + firstLine(e.getMessage()));
        }
    }

    /** The parser's own message and the line where it failed, not the one where the construct began. */
    private static ConfigException syntax(String source, JacksonYAMLParseException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return fault(
                    source,
                    marked.getProblemMark().getLine() + 1,
                    "not valid YAML: " + firstLine(marked.getProblem()) + "; indent with spaces, close every bracket");
        }
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        return fault(source, line, "not valid YAML: " + firstLine(e.getOriginalMessage()));
    }

    private Node node(JsonToken token, int depth) throws IOException {
        int line = line();
        if (depth > MAX_DEPTH) {
            throw fault(source, line, "nested deeper than " + MAX_DEPTH + " levels");
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw fault(source, line, "anchors (&name) and aliases (*name) are not read; write the value out");
        }
        if (parser.getTypeId() != null) {
            throw fault(
                    source, line, "the tag !" + parser.getTypeId() + " is not read; write the plain value without it");
        }
        return switch (token) {
            case START_OBJECT -> table(line, depth);
            case START_ARRAY -> items(line, depth);
            case VALUE_NULL -> new Node.Scalar(null, line);
            default -> new Node.Scalar(parser.getText(), line);
        };
    }

    private Node table(int line, int depth) throws IOException {
        Map<String, Node> entries = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            int keyLine = line();
            JsonToken value = parser.nextToken();
            if (entries.putIfAbsent(name, node(value, depth + 1)) != null) {
                throw fault(source, keyLine, "\"" + name + "\" is given twice; keep one");
            }
        }
        return new Node.Table(entries, line);
    }

    private Node items(int line, int depth) throws IOException {
        List<Node> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(node(token, depth + 1));
        }
        return new Node.Items(items, line);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static String firstLine(String message) {
        return message == null ? "unknown" : message.lines().findFirst().orElse("");
    }

    private static String withoutEvent(String message) {
        int event = message.indexOf(PARSER_EVENT);
        return event < 0
                ? message
                : message.substring(0, event) + "; a text that begins with { or [ needs quotes of its own, such as"
                        + " \"{{question}}\"";
    }

    private static ConfigException fault(String source, int line, String problem) {
        return new ConfigException(source, List.of(new Fault(line > 0 ? "line " + line : source, problem)));
    }
}
