package io.github.psft4j.eval.maths.formula;

import io.github.psft4j.eval.maths.formula.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one formula from tokens. Multiplication may be left out; a whole number in front of a fraction of whole numbers
 * is a mixed number.
 */
public final class Parser extends Cursor {

    private int bars; // of absolute values that are open

    private Parser(List<Token> tokens) {
        super(tokens);
    }

    /**
     * The formula that all tokens make.
     *
     * @throws Unreadable if they make none
     */
    public static Expr parse(List<Token> tokens) {
        Parser parser = new Parser(tokens);
        Expr e = parser.sum();
        if (parser.peek().kind() != Kind.END) {
            throw new Unreadable("left over: " + parser.peek().text());
        }
        return e;
    }

    private Expr sum() {
        enter();
        Expr left = null;
        while (true) {
            String sign = null;
            for (String s : List.of("+", "-", "pm", "mp")) {
                if (take(s)) {
                    sign = s;
                    break;
                }
            }
            if (sign == null) {
                if (left != null) {
                    break;
                }
                left = product();
                continue;
            }
            Expr right = product();
            left = switch (sign) {
                case "+" -> left == null ? right : Expr.call("+", left, right);
                case "-" -> left == null ? Expr.call("neg", right) : Expr.call("-", left, right);
                default -> Expr.call(sign, left == null ? Expr.Num.of(0) : left, right);
            };
        }
        leave();
        return left;
    }

    private Expr product() {
        Expr left = signed();
        while (true) {
            if (take("*")) {
                left = Products.times(left, signed());
            } else if (take("/")) {
                left = Expr.call("/", left, signed());
            } else if (peek().kind() == Kind.WORD && peek().text().equals("mod")) {
                throw new Unreadable("a congruence");
            } else if (startsFactor()) {
                left = Products.mixed(left, power());
            } else {
                return left;
            }
        }
    }

    private boolean startsFactor() {
        return Products.startsFactor(peek(), bars);
    }

    private Expr signed() {
        enter();
        Expr e = take("-") ? Expr.call("neg", signed()) : take("+") ? signed() : power();
        leave();
        return e instanceof Expr.Call f && f.name().equals("frac") ? new Expr.Call("/", f.args()) : e;
    }

    private Expr power() {
        Expr base = postfix(primary());
        if (peek().is("^")) {
            at++;
            if (take("deg")) {
                return postfix(degrees(base));
            }
            if (peek().is("{") && peek(1).is("deg") && peek(2).is("}")) {
                at += 3;
                return postfix(degrees(base));
            }
            base = base instanceof Expr.Call f && f.name().equals("frac") ? new Expr.Call("/", f.args()) : base;
            return postfix(Expr.call("^", base, exponent()));
        }
        return base;
    }

    /** Degrees, perhaps with minutes and seconds behind them: {@code 22^\circ 30'}. */
    private Expr degrees(Expr whole) {
        Expr sum = whole;
        long parts = 1;
        for (int marks = 1; marks <= 2; marks++) {
            boolean seconds = marks == 2;
            if (peek().kind() == Kind.NUMBER && peek(1).is("'") && seconds == peek(2).is("'")) {
                parts *= 60;
                Expr part = Expr.call("/", Numerals.scaled(peek().text(), 0), Expr.Num.of(parts));
                sum = Expr.call("+", sum, part);
                at += 1 + marks;
            }
        }
        return Expr.call("deg", sum);
    }

    private Expr exponent() {
        enter();
        Expr e = take("-") ? Expr.call("neg", exponent()) : take("+") ? exponent() : powerOfPower();
        leave();
        return e;
    }

    private Expr powerOfPower() {
        Expr base = primary();
        if (take("^")) {
            return Expr.call("^", base, exponent());
        }
        return base;
    }

    private Expr postfix(Expr start) {
        Expr e = start;
        while (true) {
            if (take("!")) {
                e = Expr.call("fact", e);
            } else if (take("%")) {
                e = Expr.call("pct", e);
            } else if (take("deg")) {
                e = Expr.call("deg", e);
            } else {
                return e;
            }
        }
    }

    private Expr primary() {
        Token t = peek();
        at++;
        switch (t.kind()) {
            case NUMBER:
                return mixedPlain(Numerals.scaled(t.text(), 0));
            case VALUE:
                return Numerals.num(t.text());
            case NAME:
                return new Expr.Name(t.text() + index());
            case FUNCTION:
                return function(t.text());
            case OPERATOR:
                return bracketed(t.text());
            default:
                throw new Unreadable("unexpected " + t.text());
        }
    }

    /** {@code 1 1/2} with a space is one and a half. */
    private Expr mixedPlain(Expr.Num number) {
        if (number.unit() == null
                && peek().kind() == Kind.NUMBER
                && peek().space()
                && peek(1).is("/")
                && peek(2).kind() == Kind.NUMBER
                && !peek().text().contains(".")
                && !peek(2).text().contains(".")) {
            Rational fraction = Rational.decimal(peek().text()).over(Rational.decimal(peek(2).text()));
            at += 3;
            return Expr.Num.of(number.value().plus(fraction));
        }
        if (peek().kind() == Kind.NUMBER) {
            throw new Unreadable("two numbers side by side");
        }
        return number;
    }

    private String index() {
        StringBuilder out = new StringBuilder();
        while (peek().is("'")) {
            at++;
            out.append('\'');
        }
        if (take("_")) {
            out.append('_');
            if (take("{")) {
                while (!peek().is("}")) {
                    if (peek().kind() == Kind.END) {
                        throw new Unreadable("an open index");
                    }
                    out.append(tokens.get(at++).text());
                }
                at++;
            } else {
                out.append(tokens.get(Math.min(at, tokens.size() - 1)).text());
                at++;
            }
        }
        return out.toString();
    }

    private Expr bracketed(String open) {
        switch (open) {
            case "(", "[", "{":
                Expr inner = sum();
                expect(open.equals("(") ? ")" : open.equals("[") ? "]" : "}");
                return inner;
            case "|":
                bars++;
                Expr size = sum();
                bars--;
                expect("|");
                return Expr.call("abs", size);
            case "floor(", "ceil(":
                String name = open.substring(0, open.length() - 1);
                Expr part = sum();
                expect(name + ")");
                return Expr.call(name, part);
            case "frac":
                Expr top = argument(true);
                return Expr.call("frac", top, argument(true));
            case "binom":
                Expr n = argument(true);
                return Expr.call("binom", n, argument(true));
            case "sqrt":
                return root();
            case "emptyset", "reals":
                throw new Unreadable("a set in a formula");
            default:
                throw new Unreadable("unexpected " + open);
        }
    }

    private Expr root() {
        Expr degree = null;
        if (peek().is("[")) {
            at++;
            int savedBars = bars;
            bars = 0;
            degree = sum();
            bars = savedBars;
            expect("]");
        }
        Expr of = argument(false);
        return degree == null ? Expr.call("sqrt", of) : Expr.call("root", degree, of);
    }

    /** What follows a command: a group, or one token; of a number one digit where TeX takes one. */
    private Expr argument(boolean oneDigit) {
        enter();
        Token t = peek();
        if (oneDigit && t.kind() == Kind.NUMBER && t.text().length() > 1) {
            String text = t.text();
            tokens.set(at, new Token(Kind.NUMBER, text.substring(1), false));
            if (!Character.isDigit(text.charAt(0)) || text.contains(".")) {
                throw new Unreadable("a decimal without braces");
            }
            leave();
            return Numerals.scaled(text.substring(0, 1), 0);
        }
        Expr e;
        if (t.is("{") || t.is("(")) {
            at++;
            int savedBars = bars;
            bars = 0;
            e = sum();
            bars = savedBars;
            expect(t.is("{") ? "}" : ")");
        } else if (t.kind() == Kind.NUMBER) {
            at++;
            e = Numerals.scaled(t.text(), 0);
        } else {
            e = primary();
        }
        leave();
        return e instanceof Expr.Call f && f.name().equals("frac") ? new Expr.Call("/", f.args()) : e;
    }

    private Expr function(String name) {
        enter();
        Expr base = null;
        Expr power = null;
        for (int i = 0; i < 2; i++) {
            if (take("_")) {
                base = argument(false);
            } else if (take("^")) {
                power = peek().is("{") || peek().is("(") ? argument(false) : exponent();
            }
        }
        List<Expr> args = new ArrayList<>();
        boolean grouped = peek().is("(") || peek().is("{");
        if (grouped) {
            String close = peek().is("(") ? ")" : "}";
            at++;
            int savedBars = bars;
            bars = 0;
            do {
                args.add(sum());
            } while (take(","));
            bars = savedBars;
            expect(close);
        } else {
            Expr product = postfixPower();
            while (startsFactor() && peek().kind() != Kind.FUNCTION) {
                product = Products.mixed(product, postfixPower());
            }
            args.add(product);
        }
        leave();
        if (power != null && power.equals(Expr.call("neg", Expr.Num.of(1))) && !name.startsWith("l")) {
            return new Expr.Call("arc" + name, args);
        }
        Expr call = base == null ? new Expr.Call(name, args) : Expr.call("logbase", base, args.get(0));
        return power == null ? call : Expr.call("^", call, power);
    }

    private Expr postfixPower() {
        Expr e = take("-") ? Expr.call("neg", power()) : power();
        return e instanceof Expr.Call f && f.name().equals("frac") ? new Expr.Call("/", f.args()) : e;
    }
}
