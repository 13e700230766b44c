package io.github.psft4j.examples.experiment.kit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a claim comes to. Each condition has the number that the claim says is positive. It holds where the whole
 * interval is above 0, and is contradicted where the whole interval is below.
 */
public final class Verdict {

    /** In short. */
    public enum Kind {
        HOLDS("holds"),
        DEPENDS("depends"),
        NOT_SHOWN("does not show"),
        CONTRADICTED("does not hold: the opposite shows"),
        NOT_RUN("not run");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final String claim;
    private final Map<String, Estimate> conditions = new LinkedHashMap<>();

    /** @param claim a sentence without its full stop */
    public Verdict(String claim) {
        this.claim = claim;
    }

    /** Adds a condition, such as "at 1e-4". */
    public Verdict when(String condition, Estimate claimedToBePositive) {
        conditions.put(condition, claimedToBePositive);
        return this;
    }

    public String claim() {
        return claim;
    }

    /** The claim within a sentence: PSFT and SFT keep their capitals. */
    public String lowered() {
        boolean name = Character.isUpperCase(claim.charAt(1));
        return name ? claim : Character.toLowerCase(claim.charAt(0)) + claim.substring(1);
    }

    /** Holds or is contradicted where all conditions agree; depends where some hold; not run without any. */
    public Kind kind() {
        if (conditions.isEmpty()) {
            return Kind.NOT_RUN;
        }
        int holds = holding().size();
        int against = contradicting().size();
        if (holds == conditions.size()) {
            return Kind.HOLDS;
        }
        if (holds > 0) {
            return Kind.DEPENDS;
        }
        return against == conditions.size() ? Kind.CONTRADICTED : Kind.NOT_SHOWN;
    }

    public List<String> holding() {
        return where(1);
    }

    public List<String> contradicting() {
        return where(-1);
    }

    private List<String> open() {
        return where(0);
    }

    private List<String> where(int sign) {
        List<String> names = new ArrayList<>();
        conditions.forEach((name, e) -> {
            int own = e.isPositive() ? 1 : e.isNegative() ? -1 : 0;
            if (own == sign) {
                names.add(name);
            }
        });
        return names;
    }

    /** The claim, the verdict and where it holds, as one item of a list. */
    public String sentence() {
        StringBuilder text = new StringBuilder("\"" + claim + "\": **" + kind() + "**.");
        add(text, " It holds ", holding());
        add(text, " The opposite shows ", contradicting());
        add(text, " It stays open ", open());
        return text.toString();
    }

    /** In how many conditions it holds. */
    public String count() {
        return "holds in " + holding().size() + ", is contradicted in "
                + contradicting().size() + " and stays open in " + open().size() + " of " + conditions.size()
                + " conditions";
    }

    private static void add(StringBuilder text, String start, List<String> names) {
        if (!names.isEmpty()) {
            text.append(start).append(String.join("; ", names)).append('.');
        }
    }
}
