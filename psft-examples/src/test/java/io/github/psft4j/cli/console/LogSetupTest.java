package io.github.psft4j.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The log of the programs. */
class LogSetupTest {

    private static final String FILE = "logback.configurationFile";
    private static final String LEVEL = "psft.log";

    private final String level = System.getProperty(LEVEL);
    private final LoggerContext context = new LoggerContext();

    @AfterEach
    void restore() {
        System.clearProperty(FILE);
        if (level == null) {
            System.clearProperty(LEVEL);
        } else {
            System.setProperty(LEVEL, level);
        }
    }

    @Test
    void ownMessagesFromTheGivenLevelAndWarningsOfOthers() {
        System.clearProperty(LEVEL);
        assertEquals(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY, new LogSetup().configure(context));
        assertEquals(Level.INFO, context.getLogger("io.github.psft4j.train.Any").getEffectiveLevel());
        assertEquals(Level.WARN, context.getLogger("org.other").getEffectiveLevel());
        assertTrue(context.getLogger("ROOT").getAppender("console").isStarted());
        System.setProperty(LEVEL, "ERROR");
        new LogSetup().configure(context);
        assertEquals(
                Level.ERROR, context.getLogger("io.github.psft4j.train.Any").getEffectiveLevel());
    }

    @Test
    void aFileOfTheUserReplacesIt() {
        System.setProperty(FILE, "mine.xml");
        assertEquals(ExecutionStatus.INVOKE_NEXT_IF_ANY, new LogSetup().configure(context));
        assertFalse(context.getLogger("ROOT").iteratorForAppenders().hasNext());
    }
}
