package io.github.psft4j.eval.maths.formula;

import io.github.psft4j.eval.maths.formula.Token.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Units of measure and money: the maintained list, and how they combine. */
public final class Units {

    /**
     * A unit as a factor and powers of base units.
     *
     * @param factor to the base units, exact
     * @param powers base unit to exponent; a word that is no known unit is a base unit of its own
     */
    public record Unit(Rational factor, Map<String, Integer> powers) {
        /** Whether both measure the same. */
        public boolean comparable(Unit other) {
            return powers.equals(other.powers);
        }

        /** The product with a unit, or with its inverse for the sign -1. */
        public Unit times(Unit o, int sign) {
            Map<String, Integer> sum = new TreeMap<>(powers);
            o.powers.forEach((base, power) -> sum.merge(base, sign * power, Integer::sum));
            sum.values().removeIf(p -> p == 0);
            return new Unit(factor.times(o.factor.pow(sign)), sum);
        }

        /** An integral power. */
        public Unit pow(int n) {
            Map<String, Integer> raised = new TreeMap<>();
            powers.forEach((base, power) -> raised.put(base, power * n));
            raised.values().removeIf(p -> p == 0);
            return new Unit(factor.pow(n), raised);
        }
    }

    /** No unit: a bare number. */
    public static final Unit NONE = new Unit(Rational.ONE, Map.of());

    private static final Map<String, Unit> KNOWN = new HashMap<>();

    /** Letters that are units behind a number, such as 5 m, and variables elsewhere. */
    private static final Set<String> LETTERS = Set.of("m", "g", "s", "h", "L", "l", "N", "J", "W", "V", "K", "C", "F");

    /** name[,name...] = factor base[^power]...; a factor is a whole number, a decimal or a fraction. */
    private static final String TABLE = """
            m,meter,metre=1 m
            km,kilometer,kilometre=1000 m
            dm,decimeter,decimetre=1/10 m
            cm,centimeter,centimetre=1/100 m
            mm,millimeter,millimetre=1/1000 m
            micrometer,micron=1/1000000 m
            nm,nanometer,nanometre=1/1000000000 m
            in,inch=0.0254 m
            ft,foot,feet=0.3048 m
            yd,yard=0.9144 m
            mi,mile=1609.344 m
            ly,lightyear=1 lightyear
            acre=4046.8564224 m^2
            hectare,ha=10000 m^2
            l,L,liter,litre=1/1000 m^3
            mL,ml,milliliter,millilitre,cc=1/1000000 m^3
            cL,cl,centiliter=1/100000 m^3
            gallon,gal=0.003785411784 m^3
            quart,qt=0.000946352946 m^3
            pint,pt=0.000473176473 m^3
            cup=0.0002365882365 m^3
            g,gram,gramme=1/1000 kg
            kg,kilogram,kilo=1 kg
            mg,milligram=1/1000000 kg
            tonne,ton=1000 kg
            lb,lbs,pound=0.45359237 kg
            oz,ounce=0.028349523125 kg
            s,sec,second=1 s
            ms,millisecond=1/1000 s
            min,minute=60 s
            h,hr,hour=3600 s
            day=86400 s
            week,wk=604800 s
            month=1 month
            year,yr=12 month
            decade=120 month
            century,centuries=1200 month
            N,newton=1 kg m s^-2
            J,joule=1 kg m^2 s^-2
            kJ,kilojoule=1000 kg m^2 s^-2
            W,watt=1 kg m^2 s^-3
            kW,kilowatt=1000 kg m^2 s^-3
            Pa,pascal=1 kg m^-1 s^-2
            Hz,hertz=1 s^-1
            V,volt=1 volt
            A,amp,ampere=1 ampere
            ohm=1 ohm
            mol,mole=1 mol
            K,kelvin=1 kelvin
            C,celsius=1 celsius
            F,fahrenheit=1 fahrenheit
            mph=0.44704 m s^-1
            kph,kmh=1000/3600 m s^-1
            USD,dollar,buck=1 USD
            cent,penny,pennies=1/100 USD
            nickel=5/100 USD
            dime=10/100 USD
            quarter=25/100 USD
            EUR,euro=1 EUR
            GBP,quid=1 GBP
            JPY,yen=1 JPY
            INR,rupee,Rs=1 INR
            CNY,yuan,RMB=1 CNY
            degree,deg=1 degree
            rad,radian=1 radian
            dozen=12
            unit=1
            """;

    private static final Set<String> NO_UNIT = Set.of("unit", "units");

    static {
        for (String line : TABLE.strip().split("\n")) {
            String[] sides = line.strip().split("=");
            String[] parts = sides[1].split(" ");
            Unit unit = new Unit(fraction(parts[0]), Map.of());
            for (int i = 1; i < parts.length; i++) {
                String[] power = parts[i].split("\\^");
                int n = power.length == 1 ? 1 : Integer.parseInt(power[1]);
                unit = unit.times(new Unit(Rational.ONE, Map.of(power[0], n)), 1);
            }
            for (String name : sides[0].split(",")) {
                KNOWN.put(name, unit);
            }
        }
    }

    private Units() {}

    private static Rational fraction(String text) {
        int slash = text.indexOf('/');
        return slash < 0
                ? Rational.decimal(text)
                : Rational.decimal(text.substring(0, slash)).over(Rational.decimal(text.substring(slash + 1)));
    }

    /** Whether a run of letters is the name of a unit, rather than a product of variables. */
    public static boolean isUnit(String word) {
        return word.length() > 1 && find(word) != null;
    }

    /** Whether a letter is a unit behind a number. */
    public static boolean isLetter(String name) {
        return LETTERS.contains(name);
    }

    private static Unit find(String word) {
        Unit unit = KNOWN.get(word);
        if (unit != null) {
            return unit;
        }
        String lower = word.toLowerCase(Locale.ROOT);
        unit = word.length() > 2 ? KNOWN.get(lower) : null;
        if (unit == null && lower.length() > 3) {
            unit = KNOWN.get(stem(lower));
        }
        return unit;
    }

    /** A noun without its plural. */
    public static String stem(String word) {
        String w = word.toLowerCase(Locale.ROOT);
        if (w.endsWith("ies") && w.length() > 4) {
            return w.substring(0, w.length() - 3) + "y";
        }
        if (w.endsWith("ches") || w.endsWith("shes") || w.endsWith("xes") || w.endsWith("sses")) {
            return w.substring(0, w.length() - 2);
        }
        return w.endsWith("s") && !w.endsWith("ss") && w.length() > 2 ? w.substring(0, w.length() - 1) : w;
    }

    /** A unit by its name; a word that is none is a unit of its own. */
    public static Unit of(String word) {
        if (NO_UNIT.contains(word.toLowerCase(Locale.ROOT))) {
            return NONE;
        }
        Unit unit = find(word);
        return unit != null ? unit : new Unit(Rational.ONE, Map.of("?" + stem(word), 1));
    }

    /**
     * The unit that tokens make, such as {@code miles per hour}, {@code cm^2} or {@code square feet}.
     *
     * @return null if they make none; words that are no units count as one, the last of them
     */
    public static Unit parse(List<Token> tokens) {
        Unit unit = NONE;
        Unit last = null; // the latest one, for a power behind it
        int sign = 1;
        int lastSign = 1;
        int power = 1; // of square and cubic
        for (int i = 0; i < tokens.size(); i++) {
            Token t = tokens.get(i);
            String lower = t.text().toLowerCase(Locale.ROOT);
            if (t.is("/") || lower.equals("per") || lower.equals("each") && i > 0) {
                sign = -1;
            } else if (t.is("*") || t.is("{") || t.is("}") || t.is("(") || t.is(")")) {
                continue;
            } else if (lower.equals("square") || lower.equals("sq")) {
                power = 2;
            } else if (lower.equals("cubic") || lower.equals("cu")) {
                power = 3;
            } else if (last != null && (lower.equals("squared") || lower.equals("cubed"))) {
                unit = unit.times(last.pow(lower.equals("squared") ? 1 : 2), lastSign);
            } else if (t.is("^") && last != null) {
                int[] exponent = exponent(tokens, i + 1);
                if (exponent == null) {
                    return null;
                }
                unit = unit.times(last.pow(exponent[0] - 1), lastSign);
                i = exponent[1];
            } else if (t.kind() == Kind.WORD || t.kind() == Kind.NAME && LETTERS.contains(t.text())) {
                if (Words.FILLERS.contains(lower) && !lower.equals("in")) {
                    continue;
                }
                Unit next = of(t.text()).pow(power);
                boolean beside = i > 0 && last != null && tokens.get(i - 1).kind() != Kind.OPERATOR && sign == 1;
                if (beside && unknown(next) && !unknown(last)) {
                    continue; // 12 inches long
                }
                if (beside && unknown(last)) {
                    unit = unit.times(last, -lastSign); // 5 red apples
                }
                last = next;
                unit = unit.times(last, sign);
                lastSign = sign;
                sign = 1;
                power = 1;
            } else {
                return null;
            }
        }
        return unit;
    }

    /** Whether a unit is a word that is not in the list. */
    private static boolean unknown(Unit unit) {
        return unit.powers().keySet().stream().anyMatch(base -> base.startsWith("?"));
    }

    /** Exponent and the index of its last token. */
    private static int[] exponent(List<Token> tokens, int from) {
        int i = from;
        int sign = 1;
        boolean brace = false;
        while (i < tokens.size()) {
            Token t = tokens.get(i);
            if (t.is("{")) {
                brace = true;
            } else if (t.is("-")) {
                sign = -1;
            } else if (t.kind() == Kind.NUMBER && t.text().matches("[1-9]")) {
                return new int[] {sign * Integer.parseInt(t.text()), brace ? i + 1 : i};
            } else {
                return null;
            }
            i++;
        }
        return null;
    }
}
