package io.github.psft4j.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.monitor.mlflow.MlflowFileStore;
import io.github.psft4j.monitor.mlflow.MlflowServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run goes where MLflow 3 finds it, or its user is told how; the default disturbs no other MLflow program. */
class MlflowTargetTest {

    private static final Path RUN = Path.of("runs", "a");

    private static MlflowTarget of(String setting, String variable) {
        return MlflowTarget.of(setting, Map.of("MLFLOW_TRACKING_URI", variable), RUN);
    }

    @Test
    void aServerIsTakenFromTheSettingOrElseFromMlflowsOwnVariable() {
        assertTrue(of("http://localhost:5000", "sqlite:///x.db").store() instanceof MlflowServer);
        assertTrue(of(null, "https://mlflow.example").store() instanceof MlflowServer);
        assertNull(of(null, "https://mlflow.example").notice());
    }

    @Test
    void theDefaultLiesInTheRunDirectoryAndSaysHowToSeeIt() {
        MlflowTarget target = MlflowTarget.of(null, Map.of(), RUN);
        assertTrue(target.store() instanceof MlflowFileStore);
        String source = RUN.resolve("mlflow").toString();
        assertTrue(
                target.notice().contains("MLFLOW_ALLOW_FILE_STORE=true mlflow server --backend-store-uri " + source),
                target.notice());
        assertFalse(target.notice().contains("refuse to start"), target.notice());
        assertTrue(
                of("mlruns", "").notice().contains("makes MLflow 3 refuse to start"),
                of("mlruns", "").notice());
    }

    @Test
    void aFileUriIsItsDirectory(@TempDir Path dir) {
        for (String uri : new String[] {"file://" + dir, "file:" + dir, dir.toString()}) {
            assertTrue(
                    of(null, uri).notice().contains(" " + dir + ","),
                    of(null, uri).notice());
        }
        assertFalse(Files.exists(RUN), "nothing is written before the run starts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite:///mlflow.db", "postgresql://u@h/db", "databricks", "databricks://profile"})
    void aStoreThatOnlyMlflowWritesIsRefusedWithAServerAsTheWayOut(String uri) {
        RefusedException given = assertThrows(RefusedException.class, () -> of(uri, ""));
        assertTrue(given.getMessage().startsWith("monitor.mlflow_uri is " + uri), given.getMessage());
        assertTrue(given.getMessage().contains("mlflow server --backend-store-uri"), given.getMessage());
        RefusedException variable = assertThrows(RefusedException.class, () -> of(null, uri));
        assertEquals(0, variable.getMessage().indexOf("MLFLOW_TRACKING_URI is "), variable.getMessage());
    }
}
