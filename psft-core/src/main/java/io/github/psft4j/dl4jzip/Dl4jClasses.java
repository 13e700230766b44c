package io.github.psft4j.dl4jzip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.psft4j.hf.ModelFormatException;
import io.github.psft4j.io.JsonFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Which classes the configuration of a network may name: DL4J makes an object of every {@code @class}. */
final class Dl4jClasses {

    /** Layers, vertices and their parts; activations, losses, optimizers and schedules; classes of this library. */
    private static final List<String> PACKAGES = List.of(
            "org.deeplearning4j.nn.conf.",
            "org.deeplearning4j.nn.weights.",
            "org.nd4j.linalg.activations.",
            "org.nd4j.linalg.learning.",
            "org.nd4j.linalg.lossfunctions.",
            "org.nd4j.linalg.schedule.",
            "io.github.psft4j.");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$]{1,200}");

    /** A name given twice would be another class to DL4J than the one that was checked here. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build();

    private Dl4jClasses() {}

    /** @throws ModelFormatException naming the first class that is not allowed, or what is no JSON */
    static void check(Path file, String configuration) {
        try (JsonParser json = JSON.createParser(configuration)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.FIELD_NAME && json.currentName().equals("@class")) {
                    boolean text = json.nextToken() == JsonToken.VALUE_STRING;
                    String name = json.getText();
                    if (!text
                            || !NAME.matcher(name).matches()
                            || PACKAGES.stream().noneMatch(name::startsWith)) {
                        throw ModelFormatException.of(
                                file,
                                "configuration.json wants an object of the class \"" + name
                                        + "\"; allowed are those of " + PACKAGES);
                    }
                }
            }
        } catch (JsonProcessingException e) {
            throw ModelFormatException.of(file, "configuration.json is not JSON: " + JsonFault.reason(e), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text cannot fail to be read", e);
        }
    }
}
