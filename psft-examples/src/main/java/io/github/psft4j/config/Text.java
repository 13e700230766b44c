package io.github.psft4j.config;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The text that a setting takes. */
@Retention(RetentionPolicy.RUNTIME)
@interface Text {

    /** What is allowed, for tables and messages: {@code a directory}. */
    String value();

    /** Whether it must be able to be a path on this machine. */
    boolean path() default false;

    /** Whether empty text is a value. */
    boolean orEmpty() default false;
}
