package io.github.psft4j.eval.maths;

import io.github.psft4j.eval.maths.formula.Unreadable;
import io.github.psft4j.eval.maths.formula.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * A finite union of intervals, sorted and merged.
 *
 * @param pieces disjoint, in ascending order
 */
record RealSet(List<Piece> pieces) {

    /**
     * An interval.
     *
     * @param low null for minus infinity
     * @param high null for infinity
     */
    record Piece(Value low, boolean lowIn, Value high, boolean highIn) {
        boolean isEmpty() {
            if (low == null || high == null) {
                return false;
            }
            int order = order(low, high);
            return order > 0 || order == 0 && !(lowIn && highIn);
        }
    }

    static final RealSet ALL = new RealSet(List.of(new Piece(null, false, null, false)));
    static final RealSet EMPTY = new RealSet(List.of());

    static RealSet of(Piece piece) {
        Piece open = new Piece(
                piece.low(),
                piece.lowIn() && piece.low() != null,
                piece.high(),
                piece.highIn() && piece.high() != null);
        return open.isEmpty() ? EMPTY : new RealSet(List.of(open));
    }

    /** Order of two real numbers. */
    static int order(Value a, Value b) {
        if (a.same(b)) {
            return 0;
        }
        if (a.exact() != null && b.exact() != null) {
            return a.exact().compareTo(b.exact());
        }
        BigDecimal x = a.real();
        BigDecimal y = b.real();
        if (x == null || y == null) {
            throw new Unreadable("a complex end of an interval");
        }
        return x.compareTo(y);
    }

    RealSet union(RealSet other) {
        List<Piece> all = new ArrayList<>(pieces);
        all.addAll(other.pieces);
        all.sort((a, b) -> lows(a, b));
        List<Piece> out = new ArrayList<>();
        for (Piece next : all) {
            Piece last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null && touches(last, next)) {
                boolean longer = highs(next, last) > 0;
                out.set(
                        out.size() - 1,
                        new Piece(
                                last.low(),
                                last.lowIn(),
                                longer ? next.high() : last.high(),
                                longer ? next.highIn() : last.highIn()));
            } else {
                out.add(next);
            }
        }
        return new RealSet(out);
    }

    private static int lows(Piece a, Piece b) {
        if (a.low() == null || b.low() == null) {
            return a.low() == b.low() ? 0 : a.low() == null ? -1 : 1;
        }
        int order = order(a.low(), b.low());
        return order != 0 ? order : Boolean.compare(b.lowIn(), a.lowIn());
    }

    private static int highs(Piece a, Piece b) {
        if (a.high() == null || b.high() == null) {
            return a.high() == b.high() ? 0 : a.high() == null ? 1 : -1;
        }
        int order = order(a.high(), b.high());
        return order != 0 ? order : Boolean.compare(a.highIn(), b.highIn());
    }

    /** Whether the second begins inside the first or where it ends, without a gap. */
    private static boolean touches(Piece first, Piece second) {
        if (first.high() == null || second.low() == null) {
            return true;
        }
        int order = order(second.low(), first.high());
        return order < 0 || order == 0 && (first.highIn() || second.lowIn());
    }

    RealSet intersect(RealSet other) {
        RealSet out = EMPTY;
        for (Piece a : pieces) {
            for (Piece b : other.pieces) {
                Piece low = lows(a, b) >= 0 ? a : b;
                Piece high = highs(a, b) <= 0 ? a : b;
                out = out.union(of(new Piece(low.low(), low.lowIn(), high.high(), high.highIn())));
            }
        }
        return out;
    }

    /** All numbers that are not in this set. */
    RealSet complement() {
        RealSet out = ALL;
        for (Piece p : pieces) {
            RealSet below = p.low() == null ? EMPTY : of(new Piece(null, false, p.low(), !p.lowIn()));
            RealSet above = p.high() == null ? EMPTY : of(new Piece(p.high(), !p.highIn(), null, false));
            out = out.intersect(below.union(above));
        }
        return out;
    }

    static RealSet point(Value value) {
        return of(new Piece(value, true, value, true));
    }

    boolean same(RealSet other) {
        if (pieces.size() != other.pieces.size()) {
            return false;
        }
        for (int i = 0; i < pieces.size(); i++) {
            if (lows(pieces.get(i), other.pieces.get(i)) != 0 || highs(pieces.get(i), other.pieces.get(i)) != 0) {
                return false;
            }
        }
        return true;
    }
}
