package io.github.psft4j.config;

import io.github.psft4j.settings.Doc;
import io.github.psft4j.settings.Value;

/** The frozen model that some objectives compare with. */
public record Reference(
        @Doc("Frozen model that objectives such as asft compare with, by default the model before its training;"
                + " loaded only if the objective needs one.")
        @Value(otherwise = "model.path")
        @Text(value = "a directory", path = true)
        String path,

        @Doc("Where token log-probs of the reference are kept for the next run with the same model and data.")
        @Value(otherwise = "none")
        @Text(value = "a directory", path = true)
        String cacheDir) {}
