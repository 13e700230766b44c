package io.github.psft4j.config;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The values that a setting takes, where they are not those of its enumeration. */
@Retention(RetentionPolicy.RUNTIME)
@interface Words {
    String[] value();
}
