package io.github.psft4j.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which values a setting takes, and which one it has if it is not given. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Value {

    /** Name outside Java, such as {@code lr}, where it is not the component in snake case. */
    String name() default "";

    /** One text that {@link Setting#convert} reads: the default; none for a setting that is required or may be null. */
    String[] initial() default {};

    /** What null stands for, such as {@code miniBatch}; empty for a setting that may not be null. */
    String otherwise() default "";

    /** Bounds of a number, such as {@code > 0} or {@code >= 0 and < 1}; infinity and NaN are never allowed. */
    String range() default "";
}
