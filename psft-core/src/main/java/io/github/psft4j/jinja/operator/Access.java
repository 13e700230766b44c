package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.StringMethods;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Callable;
import io.github.psft4j.jinja.value.DictView;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Markup;
import io.github.psft4j.jinja.value.NamedFunction;
import io.github.psft4j.jinja.value.Printing;
import io.github.psft4j.jinja.value.PythonComparison;
import io.github.psft4j.jinja.value.PythonNumbers;
import io.github.psft4j.jinja.value.PythonObject;
import io.github.psft4j.jinja.value.PythonStrings;
import io.github.psft4j.jinja.value.Range;
import io.github.psft4j.jinja.value.Tuple;
import io.github.psft4j.jinja.value.Types;
import io.github.psft4j.jinja.value.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code owner.name} and {@code owner[key]}. The first looks for a method or attribute before a key, the second the
 * other way round. So {@code message.items} is the method even if there is a key "items". A missing one is undefined.
 */
public final class Access {
    private static final Set<String> DICT_CHANGES = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> LIST_CHANGES =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
    private static final Object ABSENT = Args.ABSENT;

    private Access() {}

    public static Object attribute(Object owner, String name) {
        Object value = member(owner, name);
        if (value == ABSENT) {
            value = element(owner, name);
        }
        return value == ABSENT ? Undefined.of(owner, name) : value;
    }

    public static Object item(Object owner, Object key) {
        Object value = element(owner, key);
        String name = Types.text(key);
        if (value == ABSENT && name != null) {
            value = member(owner, name);
        }
        return value == ABSENT ? Undefined.of(owner, key) : value;
    }

    /** The element under a key or index. */
    private static Object element(Object owner, Object key) {
        Undefined.refuse(owner);
        if (owner instanceof Map) {
            Map<Object, Object> dict = Types.dict(owner);
            boolean hashable = !(key instanceof List && !(key instanceof Tuple)) && !(key instanceof Map);
            return hashable && Dicts.contains(dict, key) ? Dicts.get(dict, key) : ABSENT;
        }
        String text = Types.text(owner);
        if (!PythonNumbers.isInteger(key) || text == null && !(owner instanceof List)) {
            return ABSENT;
        }
        int length = text != null ? PythonStrings.length(text) : ((List<?>) owner).size();
        long index = PythonNumbers.index(key, "index");
        if (index < 0) {
            index += length;
        }
        if (index < 0 || index >= length) {
            return ABSENT;
        }
        if (text == null) {
            return ((List<?>) owner).get((int) index);
        }
        String character = PythonStrings.part(text, (int) index, (int) index + 1);
        return owner instanceof Markup ? new Markup(character) : character;
    }

    /** The method or attribute of a name. */
    private static Object member(Object owner, String name) {
        Undefined.refuse(owner);
        if (name.startsWith("__") && name.endsWith("__")) {
            return Undefined.unsafe(owner, name);
        }
        if (owner instanceof Map) {
            return DICT_CHANGES.contains(name)
                    ? Undefined.unsafe(owner, name)
                    : method(name, dictMethod(Types.dict(owner), name));
        }
        if (Types.text(owner) != null) {
            return method(
                    name,
                    name.equals("format") || name.equals("format_map")
                            ? StringFormat.method(owner, name)
                            : StringMethods.find(owner, name));
        }
        if (owner instanceof List) {
            return listMember(owner, name);
        }
        return objectMember(owner, name);
    }

    private static Object method(String name, Callable body) {
        return body == null ? ABSENT : new NamedFunction(name, body);
    }

    private static Object listMember(Object owner, String name) {
        if (owner instanceof Tuple tuple && tuple.field(name) >= 0) {
            return tuple.get(tuple.field(name));
        }
        if (owner instanceof Range range && Set.of("start", "stop", "step").contains(name)) {
            return name.equals("start") ? range.start : name.equals("stop") ? range.stop : range.step;
        }
        boolean isList = !(owner instanceof Tuple) && !(owner instanceof Range);
        if (isList && LIST_CHANGES.contains(name)) {
            return Undefined.unsafe(owner, name);
        }
        List<Object> list = Types.list(owner);
        return switch (name) {
            case "count" ->
                new NamedFunction(name, (budget, args) -> {
                    Object wanted = args.bind(name, "value")[0];
                    return list.stream()
                            .filter(item -> PythonComparison.equal(item, wanted))
                            .count();
                });
            case "index" ->
                new NamedFunction(name, (budget, args) -> {
                    Object wanted = args.bind(name, "value")[0];
                    for (int i = 0; i < list.size(); i++) {
                        if (PythonComparison.equal(list.get(i), wanted)) {
                            return (long) i;
                        }
                    }
                    throw TemplateError.of(Printing.repr(wanted) + " is not in list");
                });
            case "copy" -> isList ? new NamedFunction(name, (budget, args) -> list) : ABSENT;
            default -> ABSENT;
        };
    }

    private static Callable dictMethod(Map<Object, Object> dict, String name) {
        return switch (name) {
            case "items" ->
                (budget, args) -> {
                    args.bind(name);
                    return new DictView("dict_items", Dicts.items(dict));
                };
            case "keys" ->
                (budget, args) -> {
                    args.bind(name);
                    budget.listed(dict.size());
                    return new DictView("dict_keys", new ArrayList<>(dict.keySet()));
                };
            case "values" ->
                (budget, args) -> {
                    args.bind(name);
                    budget.listed(dict.size());
                    return new DictView("dict_values", new ArrayList<>(dict.values()));
                };
            case "get" ->
                (budget, args) -> {
                    Object[] a = args.bind(name, "key", "default?");
                    return Dicts.contains(dict, a[0]) ? Dicts.get(dict, a[0]) : a[1] == ABSENT ? null : a[1];
                };
            case "copy" -> (budget, args) -> dict;
            default -> null;
        };
    }

    private static Object objectMember(Object owner, String name) {
        if (owner instanceof PythonObject object) {
            return object.member(name);
        }
        if (owner instanceof Double real && name.equals("is_integer")) {
            return new NamedFunction(name, (budget, args) -> !real.isInfinite() && real == Math.rint(real));
        }
        if (PythonNumbers.isInteger(owner) && name.equals("bit_length")) {
            return new NamedFunction(name, (budget, args) ->
                    (long) PythonNumbers.big(owner).abs().bitLength());
        }
        boolean number = PythonNumbers.isNumber(owner);
        return number && name.equals("real") ? owner : number && name.equals("imag") ? (Object) 0L : ABSENT;
    }
}
