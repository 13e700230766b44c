package io.github.psft4j.jinja.tree;

import io.github.psft4j.jinja.run.TemplateError;
import io.github.psft4j.jinja.value.Iteration;
import io.github.psft4j.jinja.value.Namespace;
import java.util.Iterator;
import java.util.List;

/** The left side of {@code =} or {@code in}. */
public interface Target {
    void assign(Scope scope, Object value);

    record Name(String name) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            scope.set(name, value);
        }
    }

    record Attribute(String namespace, String name) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            if (!(scope.get(namespace) instanceof Namespace target)) {
                throw TemplateError.of("cannot assign attribute on non-namespace object '" + namespace + "'");
            }
            target.set(name, value);
        }
    }

    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            Iterator<Object> items = Iteration.of(value);
            for (int i = 0; i < targets.size(); i++) {
                TemplateError.when(
                        !items.hasNext(), "not enough values to unpack (expected %s, got %s)", targets.size(), i);
                targets.get(i).assign(scope, items.next());
            }
            TemplateError.when(items.hasNext(), "too many values to unpack (expected %s)", targets.size());
        }
    }
}
