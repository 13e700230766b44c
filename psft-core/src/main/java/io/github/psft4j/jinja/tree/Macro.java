package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonObject;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A macro, or the body of a call block, together with the scope that it was defined in. */
public record Macro(Code code, Scope definedIn) implements Callable, PythonObject {
    /**
     * Parameters of a macro.
     *
     * @param defaults of the last parameters
     */
    public record Parameters(List<String> names, List<Expression> defaults) {
        public static final Parameters EMPTY = new Parameters(List.of(), List.of());

        /** @return the default of a parameter, null if it has none */
        Expression defaultOf(int parameter) {
            int index = parameter - (names.size() - defaults.size());
            return index < 0 ? null : defaults.get(index);
        }
    }

    /**
     * What the template says.
     *
     * @param uses which of {@code caller}, {@code varargs} and {@code kwargs} the body mentions: only these are taken
     */
    public record Code(String name, Parameters parameters, Statement body, Set<String> uses) {}

    @Override
    public Object member(String name) {
        return switch (name) {
            case "name" -> code.name();
            case "arguments" -> new Tuple(List.copyOf(code.parameters().names()));
            default -> Args.ABSENT;
        };
    }

    @Override
    public String repr() {
        return "<Macro " + Printing.quote(code.name()) + ">";
    }

    @Override
    public Object call(Args args) {
        return Budget.call(out -> code.body().execute(scope(args), out));
    }

    private Scope scope(Args args) {
        Scope scope = new Scope(definedIn);
        List<String> names = code.parameters().names();
        Map<String, Object> rest = new LinkedHashMap<>(args.named());
        int given = Math.min(names.size(), args.positional().size());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (i < given) {
                scope.set(name, args.positional().get(i));
            } else if (rest.containsKey(name)) {
                scope.set(name, rest.remove(name));
            } else {
                Expression otherwise = code.parameters().defaultOf(i);
                scope.set(
                        name,
                        otherwise == null
                                ? new Undefined("parameter '" + name + "' was not provided")
                                : otherwise.evaluate(scope));
            }
        }
        if (code.uses().contains("caller") && !names.contains("caller")) {
            Object caller = rest.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        rest(scope, args.positional().subList(given, args.positional().size()), rest);
        return scope;
    }

    private void rest(Scope scope, List<Object> positional, Map<String, Object> named) {
        if (code.uses().contains("kwargs")) {
            scope.set("kwargs", named);
        } else if (!named.isEmpty()) {
            throw TemplateError.of("macro '" + code.name() + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        if (code.uses().contains("varargs")) {
            scope.set("varargs", new Tuple(positional));
        } else if (!positional.isEmpty()) {
            throw TemplateError.of("macro '" + code.name() + "' takes not more than "
                    + code.parameters().names().size() + " argument(s)");
        }
    }
}
