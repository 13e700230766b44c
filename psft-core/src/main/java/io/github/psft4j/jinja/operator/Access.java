package io.github.psft4j.jinja.operator;

import io.github.psft4j.jinja.run.Budget;
import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.text.StringMethods;
import io.github.psft4j.jinja.value.Args;
import io.github.psft4j.jinja.value.Bound;
import io.github.psft4j.jinja.value.DictView;
import io.github.psft4j.jinja.value.Dicts;
import io.github.psft4j.jinja.value.Functions;
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
import java.util.Collection;
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

    private static final Functions<Map<Object, Object>> DICT_METHODS = new Functions<Map<Object, Object>>()
            .add("items", "", (dict, a) -> new DictView("dict_items", Dicts.items(dict)))
            .add("keys", "", (dict, a) -> view("dict_keys", dict.keySet()))
            .add("values", "", (dict, a) -> view("dict_values", dict.values()))
            .add("get", "key default?", Access::get)
            .add("copy", "", (dict, a) -> dict);

    private static final Functions<List<Object>> LIST_METHODS = new Functions<List<Object>>()
            .add("count", "value", Access::count)
            .add("index", "value", Access::index)
            .add("copy", "", (list, a) -> list);

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
                    : DICT_METHODS.method(Types.dict(owner), name);
        }
        if (Types.text(owner) != null) {
            boolean formats = name.equals("format") || name.equals("format_map");
            return formats ? StringFormat.method(owner, name) : StringMethods.find(owner, name);
        }
        if (owner instanceof List) {
            return listMember(owner, name);
        }
        return objectMember(owner, name);
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
        return isList || !name.equals("copy") ? LIST_METHODS.method(Types.list(owner), name) : ABSENT;
    }

    private static Object count(List<Object> list, Bound a) {
        return list.stream()
                .filter(item -> PythonComparison.equal(item, a.get(0)))
                .count();
    }

    private static Object index(List<Object> list, Bound a) {
        for (int i = 0; i < list.size(); i++) {
            if (PythonComparison.equal(list.get(i), a.get(0))) {
                return (long) i;
            }
        }
        throw TemplateError.of(Printing.repr(a.get(0)) + " is not in list");
    }

    private static DictView view(String type, Collection<Object> items) {
        Budget.listed(items.size());
        return new DictView(type, new ArrayList<>(items));
    }

    private static Object get(Map<Object, Object> dict, Bound a) {
        return Dicts.contains(dict, a.get(0)) ? Dicts.get(dict, a.get(0)) : a.or(1, null);
    }

    private static Object objectMember(Object owner, String name) {
        if (owner instanceof PythonObject object) {
            return object.member(name);
        }
        if (owner instanceof Double real && name.equals("is_integer")) {
            return new NamedFunction(name, args -> !real.isInfinite() && real == Math.rint(real));
        }
        if (PythonNumbers.isInteger(owner) && name.equals("bit_length")) {
            return new NamedFunction(
                    name, args -> (long) PythonNumbers.big(owner).abs().bitLength());
        }
        boolean number = PythonNumbers.isNumber(owner);
        return number && name.equals("real") ? owner : number && name.equals("imag") ? (Object) 0L : ABSENT;
    }
}
