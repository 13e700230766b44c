package io.github.psft4j.jinja.builtin;

import io.github.psft4j.jinja.run.Budget;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code datetime.now().strftime(format)} as glibc writes it in the C locale, flags {@code - _ 0 ^ #} included. */
final class Strftime {
    private Strftime() {}

    static String format(Clock clock, String format) {
        LocalDateTime now = LocalDateTime.now(clock).truncatedTo(ChronoUnit.MICROS);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char flag = "-_0^#".indexOf(format.charAt(i + 1)) >= 0 ? format.charAt(++i) : 0;
            if (i + 1 == format.length()) {
                return out.append('%').append(flag).toString();
            }
            char directive = format.charAt(++i);
            Budget.step();
            Budget.made(out.length(), 32);
            String field = field(now, directive, clock);
            if (field == null) {
                out.append('%').append(flag == 0 ? "" : String.valueOf(flag)).append(directive);
            } else {
                out.append(flag == 0 ? field : flagged(field, flag, directive));
            }
        }
        Budget.made(out.length());
        return out.toString();
    }

    private static String flagged(String field, char flag, char directive) {
        if (flag == '^' || flag == '#') {
            return flag == '#' && directive == 'p' ? field.toLowerCase(Locale.ROOT) : field.toUpperCase(Locale.ROOT);
        }
        String digits = field.strip().replaceFirst("^0+(?=[0-9])", "");
        if (!digits.matches("[0-9]+")) {
            return field;
        }
        return flag == '-' ? digits : (flag == '_' ? " " : "0").repeat(field.length() - digits.length()) + digits;
    }

    private static String field(LocalDateTime t, char directive, Clock clock) {
        int hour12 = t.getHour() % 12 == 0 ? 12 : t.getHour() % 12;
        int weekday = t.getDayOfWeek().getValue(); // Monday is 1
        return switch (directive) {
            case 'Y' -> String.valueOf(t.getYear());
            case 'y' -> two(t.getYear() % 100);
            case 'C' -> two(t.getYear() / 100);
            case 'm' -> two(t.getMonthValue());
            case 'd' -> two(t.getDayOfMonth());
            case 'e' -> blank(t.getDayOfMonth());
            case 'H' -> two(t.getHour());
            case 'k' -> blank(t.getHour());
            case 'I' -> two(hour12);
            case 'l' -> blank(hour12);
            case 'M' -> two(t.getMinute());
            case 'S' -> two(t.getSecond());
            case 'f' -> String.format(Locale.ROOT, "%06d", t.getNano() / 1000);
            case 'j' -> String.format(Locale.ROOT, "%03d", t.getDayOfYear());
            case 'p' -> t.getHour() < 12 ? "AM" : "PM";
            case 'P' -> t.getHour() < 12 ? "am" : "pm";
            case 'A' -> t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' ->
                t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
            case 'u' -> String.valueOf(weekday);
            case 'w' -> String.valueOf(weekday % 7);
            case 'U' -> two((t.getDayOfYear() + 6 - weekday % 7) / 7);
            case 'W' -> two((t.getDayOfYear() + 6 - (weekday - 1)) / 7);
            case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> String.valueOf(t.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> two(t.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 's' -> String.valueOf(t.atZone(clock.getZone()).getLong(ChronoField.INSTANT_SECONDS));
            case 'z', 'Z' -> ""; // datetime.now() knows no zone
            case 'F' -> DateTimeFormatter.ISO_LOCAL_DATE.format(t);
            case 'D', 'x' -> format(clock, "%m/%d/%y");
            case 'T', 'X' -> format(clock, "%H:%M:%S");
            case 'R' -> format(clock, "%H:%M");
            case 'r' -> format(clock, "%I:%M:%S %p");
            case 'c' -> format(clock, "%a %b %e %H:%M:%S %Y");
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> null;
        };
    }

    private static String two(int value) {
        return value < 10 ? "0" + value : String.valueOf(value);
    }

    private static String blank(int value) {
        return value < 10 ? " " + value : String.valueOf(value);
    }
}
