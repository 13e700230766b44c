package io.github.psft4j.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When pi_old is taken anew and how long the warm-up lasts, at the ends of their ranges too. */
class SchedulesTest {

    @Test
    void aRefreshIsPerMacroBatchEveryFewStepsOrNever() {
        assertTrue(RefreshSchedule.everyMacroBatch().isFull(3, true));
        assertFalse(RefreshSchedule.everyMacroBatch().isFull(3, false));
        assertTrue(RefreshSchedule.everySteps(2).isFull(2, false));
        assertFalse(RefreshSchedule.everySteps(2).isFull(1, true));
        assertFalse(RefreshSchedule.everySteps(2).freezes(0), "the first after a refresh has r = 1");
        assertTrue(RefreshSchedule.everySteps(2).freezes(1));
        assertTrue(RefreshSchedule.never().freezes(0), "but not against a fixed reference");
        assertTrue(RefreshSchedule.everyMacroBatch().isEveryMacroBatch());
        assertFalse(RefreshSchedule.everySteps(1).isEveryMacroBatch());
        assertFalse(RefreshSchedule.everyMacroBatch().isNever());
        assertThrows(IllegalArgumentException.class, () -> RefreshSchedule.everySteps(0));
        assertThrows(IllegalArgumentException.class, () -> new RefreshSchedule(-2));
    }

    @Test
    void aWarmupIsANumberOfMacroStepsOrAPartOfThem() {
        assertEquals(3, WarmupSchedule.steps(3).macroSteps(0));
        assertEquals(3, WarmupSchedule.fraction(0.26).macroSteps(10));
        assertEquals(10, WarmupSchedule.fraction(1).macroSteps(10));
        assertEquals(0, WarmupSchedule.none().macroSteps(10));
        for (int unknown : new int[] {0, -1}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> WarmupSchedule.fraction(0.5).macroSteps(unknown));
        }
        assertThrows(IllegalArgumentException.class, () -> WarmupSchedule.steps(-1));
        for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> WarmupSchedule.fraction(bad));
        }
        assertThrows(IllegalArgumentException.class, () -> new WarmupSchedule(1, 0.5));
    }
}
