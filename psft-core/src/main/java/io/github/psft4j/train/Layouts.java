package io.github.psft4j.train;

import io.github.psft4j.data.options.Layout;
import io.github.psft4j.loss.Column;
import io.github.psft4j.loss.Scope;
import io.github.psft4j.loss.TokenObjective;
import java.util.Locale;

/** Which layout of data an objective trains. */
public final class Layouts {

    private Layouts() {}

    /** The layout that an objective must have, null for those that train demonstrations of any layout. */
    public static Layout of(TokenObjective objective) {
        if (isLabelled(objective)) {
            return Layout.UNPAIRED_PREFERENCE;
        }
        return objective.scope() == Scope.PAIR ? Layout.PREFERENCE : null;
    }

    /** Whether an objective trains single answers with a label, as KTO does. */
    static boolean isLabelled(TokenObjective objective) {
        return objective.neighbours() == 2 && objective.columns().contains(Column.ADVANTAGE);
    }

    /** Whether an objective trains rows of a layout. */
    public static boolean fits(TokenObjective objective, Layout layout) {
        Layout wanted = of(objective);
        boolean preference = layout == Layout.PREFERENCE || layout == Layout.UNPAIRED_PREFERENCE;
        return layout == wanted || wanted == null && !preference;
    }

    /**
     * Refuses rows of another kind than the objective trains.
     *
     * @throws IllegalArgumentException naming both, and the way out
     */
    public static void require(TokenObjective objective, Layout layout) {
        Layout wanted = of(objective);
        if (fits(objective, layout)) {
            return;
        }
        String rows = "the rows are of the layout " + word(layout) + ", and objective " + objective.name();
        if (wanted == null) {
            throw new IllegalArgumentException(rows + " trains demonstrations; choose an objective on preferences ("
                    + (layout == Layout.PREFERENCE
                            ? "dpo, simpo, orpo), or train the chosen answers alone: data.columns={completion: chosen}"
                            : "kto), or another layout"));
        }
        throw new IllegalArgumentException(rows + " trains "
                + (wanted == Layout.PREFERENCE
                        ? "pairs: rows of prompt, chosen and rejected"
                        : "answers with a label: rows of prompt, completion and label"));
    }

    private static String word(Layout layout) {
        return String.valueOf(layout).toLowerCase(Locale.ROOT);
    }
}
