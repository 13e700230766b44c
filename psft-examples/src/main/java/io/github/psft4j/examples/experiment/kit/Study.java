package io.github.psft4j.examples.experiment.kit;

import io.github.psft4j.examples.experiment.run.Planned;
import io.github.psft4j.examples.experiment.run.ResultFiles;
import io.github.psft4j.monitor.report.Chart;
import java.io.IOException;
import java.util.List;

/** One experiment: its runs, and the page that is made of them. */
public interface Study {

    /** Of the page and on the command line. */
    String name();

    /** What its advice is about: the heading on the page of all advice. */
    String question();

    /** What is run with every seed. It may rest on results of studies before it. */
    List<? extends Planned> planned(ResultFiles files) throws IOException;

    /** Seeds unless the user says otherwise. */
    int seeds();

    /** Page and pictures of the results. */
    Result result(ResultFiles files) throws IOException;

    /**
     * What an experiment comes to.
     *
     * @param page Markdown
     * @param charts drawn beside the page
     * @param claims lines of the table of all claims
     * @param advice what a user should do, for the page of all advice
     */
    record Result(String page, List<Chart> charts, List<Claim> claims, List<String> advice) {}

    /**
     * A line of the table of all claims.
     *
     * @param paper what the paper says, and where
     * @param here what was found here
     * @param verdict in short
     */
    record Claim(String paper, String here, String verdict) {}
}
