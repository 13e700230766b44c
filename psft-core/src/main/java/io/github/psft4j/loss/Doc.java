package io.github.psft4j.loss;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** One line about an objective, or about one of its parameters, that the {@link ObjectiveRegistry} shows to users. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT})
public @interface Doc {

    /** The line: what it is, its range and unit. */
    String value();
}
