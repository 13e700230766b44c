/** Who answers the questions of an evaluation: a model in this process, an endpoint, or a file of completions. */
package io.github.psft4j.eval.backend;
