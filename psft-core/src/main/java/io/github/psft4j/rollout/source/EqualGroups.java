package io.github.psft4j.rollout.source;

/** What becomes of a group whose rewards are all equal, which teaches nothing but a KL. */
public enum EqualGroups {
    /** Its tokens count in every denominator. */
    KEPT,
    /** It leaves numerator and denominator alike. */
    DROPPED
}
