package io.github.psft4j.cli.train;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.monitor.files.RunDirectory;
import io.github.psft4j.monitor.mlflow.MlflowFileStore;
import io.github.psft4j.monitor.mlflow.MlflowServer;
import io.github.psft4j.monitor.mlflow.MlflowStore;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a run goes in MLflow: a server, or a file store. MLflow 3 keeps its own runs in a database and refuses file
 * stores unless a variable allows them. It refuses them also if they only lie in its working directory under the name
 * {@code mlruns}, so the default is a directory of the run.
 *
 * @param store receives the run
 * @param notice what the user must do to see the run, null for a server
 */
record MlflowTarget(MlflowStore store, String notice) {

    private static final String SETTING = "monitor.mlflow_uri";
    private static final String VARIABLE = "MLFLOW_TRACKING_URI";

    /**
     * The target.
     *
     * @param setting {@code monitor.mlflow_uri}, null if it is not given
     * @param environment MLflow's own variables
     * @throws RefusedException for a kind of store that only MLflow itself can write
     */
    static MlflowTarget of(String setting, Map<String, String> environment, Path runDir) {
        String variable = environment.getOrDefault(VARIABLE, "").strip();
        String uri = setting == null && !variable.isEmpty() ? variable : setting;
        if (uri != null && uri.matches("https?://.*")) {
            String token = environment.get("MLFLOW_TRACKING_TOKEN");
            return new MlflowTarget(new MlflowServer(URI.create(uri), token == null ? null : "Bearer " + token), null);
        }
        if (uri != null && (uri.matches("(?!file:)[A-Za-z][\\w+.-]+:.*") || uri.equals("databricks"))) {
            throw new RefusedException((setting == null ? VARIABLE : SETTING) + " is " + uri
                    + ", which only MLflow itself can write. Start \"mlflow server --backend-store-uri " + uri
                    + "\" and set " + SETTING + " to its address, such as http://127.0.0.1:5000");
        }
        Path directory = uri == null
                ? new RunDirectory(runDir).mlflow()
                : Path.of(uri.replaceFirst("^file:(//)?(?=/)|^file:", ""));
        return new MlflowTarget(new MlflowFileStore(directory), notice(directory));
    }

    private static String notice(Path directory) {
        boolean inTheWay =
                directory.toAbsolutePath().normalize().equals(Path.of("mlruns").toAbsolutePath());
        return "mlflow: the run goes to " + directory + ", a file store, which MLflow 3 shows with\n"
                + "  MLFLOW_ALLOW_FILE_STORE=true mlflow server --backend-store-uri " + directory + "\n"
                + "To have the next run beside those of your own, start \"mlflow server\" first and set " + SETTING
                + " to http://127.0.0.1:5000"
                + (inTheWay
                        ? "\nA directory mlruns makes MLflow 3 refuse to start in "
                                + Path.of("").toAbsolutePath()
                                + " without that variable or a tracking URI; take another name"
                        : "");
    }
}
