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
        assertEquals(4, RefreshSchedule.everyMacroBatch().windowSteps(4));
        assertEquals(1, RefreshSchedule.everySteps(1).windowSteps(4));
        assertEquals(Integer.MAX_VALUE, RefreshSchedule.never().windowSteps(4));
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
