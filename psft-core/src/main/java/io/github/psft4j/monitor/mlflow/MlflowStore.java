package io.github.psft4j.monitor.mlflow;

import java.util.List;
import java.util.Map;

/** Where MLflow keeps runs; one object per run. */
public interface MlflowStore {

    /** Ends of a run in MLflow's words. */
    public enum Status {
        /** After the last step. */
        FINISHED,
        /** Broken off. */
        FAILED
    }

    /**
     * Creates a run, and its experiment if there is none of that name.
     *
     * @param params settings of the run by name
     * @return id of the run
     */
    String start(String experiment, String runName, long startMillis, Map<String, String> params);

    /** Adds numbers to the run. */
    void log(List<Metric> metrics);

    /** Ends the run. */
    void finish(Status status, long endMillis);
}
