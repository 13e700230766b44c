package io.github.psft4j.monitor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Intervals around values are inside the axis and drawn; a line without them is drawn as before. */
class ChartIntervalTest {

    private static final double[] STEPS = {0, 10};
    private static final double[] VALUES = {0.5, 0.7};

    @Test
    void theAxisHoldsBothEndsOfAnInterval() {
        Axis axis = chart(Chart.Scale.FITTED, 0.1, 0.2).verticalAxis();
        assertTrue(axis.from() <= 0.4 && axis.to() >= 0.9, axis.toString());
        Axis logarithmic = chart(Chart.Scale.LOGARITHMIC, 0.6, 0).verticalAxis(); // 0.5 - 0.6 cannot be shown
        assertTrue(logarithmic.from() > 0 && logarithmic.to() >= 1.1, logarithmic.toString());
    }

    @Test
    void everyIntervalIsAnUprightStroke() {
        String plain = SvgChart.inline(chart(Chart.Scale.FITTED, 0, 0));
        String one = SvgChart.inline(chart(Chart.Scale.FITTED, 0, 0.2));
        String both = SvgChart.inline(chart(Chart.Scale.FITTED, 0.1, 0.2));
        assertEquals(1, strokes(plain));
        assertEquals(2, strokes(one));
        assertEquals(3, strokes(both));
        assertFalse(SvgChart.inline(chart(Chart.Scale.LOGARITHMIC, 0.6, 0)).contains("NaN"));
    }

    private static int strokes(String svg) {
        return svg.split("<polyline", -1).length - 1;
    }

    private static Chart chart(Chart.Scale scale, double... errors) {
        return new Chart("a", "A", "share", scale, List.of(new Chart.Line("x", 0, false, STEPS, VALUES, errors)));
    }
}
